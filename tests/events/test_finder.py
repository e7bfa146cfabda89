"""Finding dates: periods, counts, distances, archives, full weeks, the map; what readers may not see tells nothing."""

import random
from datetime import date, datetime, timedelta
from urllib.parse import urlencode

import pytest
import time_machine
from django.http import QueryDict
from wagtail.models import PageViewRestriction

from events import listing
from events.finder import COUNTED, JOINT, find_dates
from events.forms import EventFilterForm
from events.listing import period_in
from events.models import Occurrence
from portal.core.enums import Access, Cost
from portal.core.models import SchoolHoliday
from portal.core.moments import PARIS
from tests import factories

pytestmark = pytest.mark.django_db

#: A Tuesday.
NOW = "2026-11-24T10:00:00+01:00"


def form_of(**query):
    return EventFilterForm(QueryDict(urlencode(query, doseq=True)), "/agenda/")


def total_of(**query):
    form = form_of(**query)
    return find_dates(form, period_in(form)).total


def titles(response):
    return [item.entry.title for day in response.context["days"] for item in day.items]


def at(day, hour=14):
    return datetime(2026, 11, day, hour, tzinfo=PARIS)


@pytest.fixture
def frozen():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def many(frozen, tree):
    """Single events and series of all sorts, around two towns; one that is over since this morning."""
    dice = random.Random(3)
    themes = [factories.ThemeFactory(slug=f"theme-{number}", name=f"Thème {number}") for number in range(3)]
    towns = [
        factories.MunicipalityFactory(insee=insee, name=name, postcodes=code, latitude=latitude, longitude=3.1)
        for insee, name, code, latitude in (("59599", "Tourcoing", "59200", 50.72), ("59350", "Lille", "59000", 50.63))
    ]
    with factories.unindexed():
        places = [
            factories.StructureFactory(
                title=f"Maison {number}", slug=f"maison-{number}", municipality=town,
                latitude=town.latitude + number / 100, longitude=town.longitude,
            )
            for number, town in enumerate(towns * 2)
        ]  # fmt: skip
        for number in range(14):
            start = at(24 + number % 6, 8 + number % 11)
            low = dice.choice([None, 36, 72])
            factories.EventFactory(
                title=f"Atelier {number:02d}", starts_at=start, ends_at=start + timedelta(hours=1),
                rrule=dice.choice(["", "FREQ=WEEKLY;COUNT=4", "FREQ=DAILY;COUNT=3"]),
                structure=dice.choice(places), themes=dice.sample(themes, dice.randrange(3)),
                cost=dice.choice(["", *Cost.values]), registration=dice.choice(["none", "advised", "required"]),
                access=dice.sample(Access.values, 2), age_min_months=low, age_max_months=dice.choice([None, 96, 144]),
            )  # fmt: skip
    return tree


def test_a_count_is_what_its_value_then_shows(many):
    dice = random.Random(8)
    choices = {
        "theme": ["theme-0", "theme-1"], "cost": Cost.values, "access": Access.values[:4], "inscription": ["sans"],
        "commune": ["59599", "59350"], "lieu": ["maison-0", "maison-1"],
    }  # fmt: skip
    periods = [{}, {"vue": "semaine"}, {"vue": "mois"}, {"from": "2026-11-28", "to": "2026-12-04"}]
    compared = 0
    for _round in range(30):
        query = {name: dice.sample(choices[name], 1) for name in dice.sample(sorted(choices), dice.randrange(3))}
        query |= dice.choice(periods) | dice.choice([{}, {"age": "7"}, {"near": "Tourcoing", "radius": "3"}])
        form, name = form_of(**query), dice.choice(COUNTED)
        for code, count in find_dates(form, period_in(form)).selection.counts(name).items():
            chosen = [*query.get(name, []), code] if name in JOINT else [code]
            assert total_of(**{**query, name: chosen}) == count, (query, name, code)
            compared += bool(count)
    assert compared > 30


def test_all_that_is_ahead_and_nothing_else(many):
    assert total_of() == Occurrence.objects.filter(ends_at__gt=at(24, 10)).count()
    assert total_of() < Occurrence.objects.count()
    # The clock goes on, nothing is written.
    with time_machine.travel(NOW, tick=False) as clock:
        before = total_of()
        clock.move_to("2026-11-25T23:00:00+01:00")
        assert total_of() == Occurrence.objects.filter(ends_at__gt=at(25, 23)).count() < before


def test_counts_and_distances_stand_in_the_page(client, many):
    html = client.get("/agenda/?choix=tous&vue=semaine").content.decode()
    assert f"({total_of(vue='semaine', inscription='sans')})" in html
    near = client.get("/agenda/", {"near": "59200", "radius": "1", "age": "7"})
    assert near.context["total"] == total_of(lieu="maison-0", age="7") > 0
    found = {(item.place, item.metres) for day in near.context["days"] for item in day.items}
    assert found == {("Maison 0, Tourcoing", 0)}
    assert "À 10\u00a0m · " in near.content.decode()


def test_a_private_place_does_not_say_where_it_is(frozen, client, tree):
    town = factories.MunicipalityFactory(
        insee="59599", name="Tourcoing", postcodes="59200", latitude=50.72, longitude=3.16
    )
    place = factories.StructureFactory(slug="secret", municipality=town, latitude=50.72, longitude=3.16)
    factories.EventFactory(title="Rencontre", structure=place)
    assert total_of(near="Tourcoing") == total_of(commune="59599") == total_of(lieu="secret") == 1
    PageViewRestriction.objects.create(page=place, restriction_type="login")
    assert total_of(near="Tourcoing") == 0
    assert form_of(commune="59599", lieu="secret").ignored
    assert titles(client.get("/agenda/")) == ["Rencontre"]
    assert client.get("/agenda/lieux.geojson").json()["features"] == []


class TestPeriods:
    @pytest.fixture(autouse=True)
    def holidays(self, tree):
        SchoolHoliday.objects.all().delete()
        SchoolHoliday.objects.create(zone="B", name="Noël", start=date(2026, 12, 19), end=date(2027, 1, 3))

    @pytest.mark.parametrize(
        ("now", "found"),
        [
            (
                "2026-11-24T10:00+01:00",
                {
                    "Aujourd’hui": "vue=jour&date=2026-11-24",
                    "Ce mercredi": "vue=jour&date=2026-11-25",
                    "Ce week-end": "from=2026-11-28&to=2026-11-29",
                    "Les prochaines vacances": "from=2026-12-19&to=2027-01-03",
                },
            ),
            ("2026-11-25T10:00+01:00", {"Ce mercredi": "vue=jour&date=2026-11-25"}),
            ("2026-11-26T10:00+01:00", {"Ce mercredi": "vue=jour&date=2026-12-02"}),
            ("2026-11-29T10:00+01:00", {"Ce week-end": "from=2026-11-29&to=2026-11-29"}),
            ("2026-12-28T10:00+01:00", {"Ces vacances": "from=2026-12-28&to=2027-01-03"}),
            ("2027-01-04T10:00+01:00", {"Aujourd’hui": "vue=jour&date=2027-01-04"}),
        ],
    )
    def test_in_one_click(self, client, now, found):
        with time_machine.travel(now, tick=False):
            periods = client.get("/agenda/?age=7&vue=mois&page=2").context["periods"]
        urls = {period.label: period.url for period in periods}
        for label, query in found.items():
            assert urls[label] == f"/agenda/?age=7&{query}"
        assert any("vacances" in label for label in urls) == ("2027-01-04" not in now)

    def test_a_view_keeps_the_days(self, frozen, client):
        response = client.get("/agenda/?from=2026-12-19&to=2027-01-03&cost=gratuit")
        urls = {code: url for code, _label, url in response.context["views"]}
        assert urls["semaine"] == "/agenda/?cost=gratuit&vue=semaine&date=2026-12-19"
        assert [period.is_shown for period in response.context["periods"]] == [False, False, False, True]


def test_archives_are_out_of_the_way(frozen, client, tree):
    for title, day in (("Avant-hier", 22), ("Hier", 23), ("Demain", 25)):
        factories.EventFactory(title=title, slug=title.lower(), starts_at=at(day), ends_at=at(day, 16))
    ahead = client.get("/agenda/")
    assert titles(ahead) == ["Demain"]
    assert ahead.context["archives_url"] in ahead.content.decode()
    over = client.get(ahead.context["archives_url"])
    assert titles(over) == ["Hier", "Avant-hier"]
    assert "Ce qui a eu lieu" in over.content.decode()
    assert titles(client.get("/agenda/?to=2026-11-22")) == ["Avant-hier"]
    assert client.get("/agenda/?to=2026-11-22&q=zzzz").context["total"] == 0
    assert "Cet événement est terminé." in client.get("/agenda/hier/").content.decode()
    assert client.get("/agenda/?from=2026-12-02&to=2026-12-01").context["total"] == 0


def test_full_weeks_and_months_stay_light(frozen, client, tree, monkeypatch):
    monkeypatch.setattr(listing, "WEEK_LIMIT", 3)
    monkeypatch.setattr(listing, "MONTH_LIMIT", 3)
    with factories.unindexed():
        for number in range(4):
            factories.EventFactory(title=f"Atelier {number}", starts_at=at(25, 8 + number), ends_at=at(25, 20))
        factories.EventFactory(title="Samedi", starts_at=at(28), ends_at=at(28, 16))
    week = client.get("/agenda/?vue=semaine")
    assert week.context["total"] == 5
    assert titles(week) == ["Atelier 0", "Samedi"]
    html = week.content.decode()
    assert "et 3 autres dates" in html
    assert 'href="/agenda/?vue=jour&amp;date=2026-11-25"' in html
    month = client.get("/agenda/?vue=mois").content.decode()
    assert "4 dates" in month
    assert "Atelier" not in month
    assert '<a href="/agenda/?vue=jour&amp;date=2026-11-25">Mercredi 25</a></h2>' in month


def test_what_is_not_as_planned_is_said_where_it_is_listed(frozen, client, tree):
    place = factories.StructureFactory(title="Maison", slug="maison")
    rows = {"moved": {"kind": "changed", "new_start": at(26, 9)}, "hour": {"kind": "changed", "new_start": at(25, 9)},
            "full": {"kind": "full"}, "off": {"kind": "cancelled"}, "later": {"kind": "postponed"}}  # fmt: skip
    for slug, values in rows.items():
        event = factories.EventFactory(
            title=slug, slug=slug, structure=place, rrule="FREQ=WEEKLY;COUNT=2", starts_at=at(25), ends_at=at(25, 16)
        )
        event.exceptions.add(*[event.exceptions.model(date=date(2026, 11, 25), **values)])
        event.save()
    said = {
        item.entry.title: item.says
        for day in client.get("/agenda/?to=2026-11-29").context["days"]
        for item in day.items
    }
    assert said == {
        "moved": "Nouvelle date", "hour": "Nouvel horaire", "full": "Complet", "off": "Annulé", "later": "Reporté",
    }  # fmt: skip
    sheet = client.get("/annuaire/maison/").content.decode()
    assert sheet.count('class="tag"') == 3
    assert 'href="/agenda/?lieu=maison"' in sheet
    assert client.get("/agenda/?lieu=maison").context["total"] == 10


class TestMap:
    def test_events_of_a_period(self, client, many):
        query = {"vue": "semaine", "age": "7"}
        found = client.get("/agenda/lieux.geojson", query).json()["features"]
        slugs = {slug for feature in found for slug in feature["properties"]["slugs"]}
        form = form_of(**query)
        assert len(slugs) == len(find_dates(form, period_in(form)).event_pks) > 0
        html = client.get("/ar/agenda/carte/", query).content.decode()
        assert "/ar/agenda/lieux.geojson?vue=semaine" in html.replace("\\u0026", "&")
        assert f"({len(slugs)})" in html or str(len(slugs)) in html

    def test_what_a_popup_says(self, client, many):
        slug = Occurrence.objects.filter(ends_at__gt=at(24, 10)).first().event.slug
        told = client.get(f"/agenda/{slug}/lieu.geojson").json()["properties"]
        assert told["url"].endswith(f"/agenda/{slug}/")
        assert "novembre" in told["state"]
        assert client.get("/agenda/nulle-part/lieu.geojson").status_code == 404

    def test_the_agenda_leads_there_with_its_filters(self, client, many):
        html = client.get("/agenda/?age=7&vue=jour&date=2026-11-25").content.decode()
        assert 'href="/agenda/carte/?age=7&amp;vue=jour&amp;date=2026-11-25"' in html
        assert client.get("/agenda/carte/?near=nulle+part&page=x&from=zzz").status_code == 200
