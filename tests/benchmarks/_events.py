"""One database of ``agenda.py``: filled with many events, its agenda measured within this process.

``DATABASE_URL=… python -m tests.benchmarks._events 500 5000`` prints lines of JSON.
"""

import random
import sys
import time
import uuid
from datetime import UTC, datetime, timedelta

from tests.benchmarks._places import (  # sets Django up
    MIDDLEWARE,
    bare,
    base36,
    codes,
    copies,
    first_after_a_change,
    measured,
    row_of,
    say,
)

from django.core.management import call_command  # isort: skip
from django.db import connection, transaction  # isort: skip
from django.test import override_settings  # isort: skip
from django.urls import path  # isort: skip
from django.utils import timezone  # isort: skip

from events.models import EventPage, Occurrence  # isort: skip
from portal.core.enums import Access, Cost, Language  # isort: skip
from portal.core.textsearch import index_model  # isort: skip
from portal.core.versions import forget_memory  # isort: skip
from tests import factories  # isort: skip

#: What is asked of the agenda.
CASES = {
    "what comes next": "",
    "a day": "vue=jour&date={wednesday}",
    "a week": "vue=semaine&date={wednesday}",
    "a month": "vue=mois&date={wednesday}",
    "a day, age, near a town": "vue=jour&date={wednesday}&age=7&near=Ville+5&radius=20",
    "a week, theme, free": "vue=semaine&date={wednesday}&theme=theme-3&cost=gratuit",
    "a list: age, near, free": "age=7&near=50.63,3.06&radius=20&cost=gratuit",
    "a list: words and a theme": "q=familles&theme=theme-3",
    "a list of a fortnight": "from={wednesday}&to={later}&inscription=sans",
    "every choice unfolded": "choix=tous&age=4",
    "a page far behind": "page=90",
    "the archives": "to={past}",
}
WEEKS = 57  # as many dates as a weekly series has within the horizon
CENTRES = 20

urlpatterns = [path("", bare)]


class Filler:
    """Events like one that is there: of three, one is a weekly series; a twentieth of all belongs to the centre."""

    def __init__(self):
        self.dice = random.Random(1)
        factories.make_tree()
        self.themes = [factories.ThemeFactory(slug=f"theme-{n}", name=f"Thème {n}") for n in range(12)]
        self.audiences = [factories.AudienceFactory(slug=f"public-{n}", name=f"Public {n}") for n in range(8)]
        towns = [
            factories.MunicipalityFactory(
                insee=f"59{n:03}", name=f"Ville {n}", postcodes=f"59{n:03}",
                latitude=50.4 + n % 10 / 15, longitude=2.8 + n // 10 / 15,
            )
            for n in range(60)
        ]  # fmt: skip
        self.places = [
            factories.StructureFactory(
                title=f"Maison {n}", municipality=town, latitude=town.latitude, longitude=town.longitude
            )
            for n, town in enumerate(towns)
        ]
        self.centre = factories.CentreFactory(slug="echo")
        self.models = [
            factories.EventFactory(slug="modele", title="Modèle", structure=self.places[0]),
            factories.EventFactory(
                slug="modele-du-centre", title="Modèle", structure=self.places[0], parent=self.centre.agenda
            ),
        ]
        self.count = 2

    def fill_up_to(self, size):
        dice = self.dice
        native = connection.features.has_native_uuid_field
        first = EventPage.objects.order_by("-pk").first().pk + 1 - self.count
        tables = "wagtailcore_page", EventPage._meta.db_table
        rows = [
            (model.get_parent(), row_of(tables[0], "id", model.pk), row_of(tables[1], "page_ptr_id", model.pk))
            for model in self.models
        ]
        today = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
        made = {}
        occurrences = []
        for number in range(self.count, size):
            pk, in_centre = first + number, number % CENTRES == 0
            key, place = uuid.UUID(int=dice.getrandbits(128)), dice.choice(self.places)
            title = f"{dice.choice(['Atelier', 'Café', 'Jeux', 'Sortie'])} des familles {number}"
            start = today + timedelta(days=dice.randrange(-40, 120), hours=dice.randrange(8, 20))
            end = start + timedelta(hours=2)
            is_series = number % 3 == 0
            if is_series:
                start, end = (moment - timedelta(days=140) for moment in (start, end))
            parent = rows[in_centre][0]
            page = {
                "id": pk, "path": parent.path + base36(number + 2), "title": title, "draft_title": title,
                "slug": f"sortie-{number}", "numchild": 0, "url_path": f"{parent.url_path}sortie-{number}/",
                "translation_key": key if native else key.hex,
            }  # fmt: skip
            low = dice.choice([None, 0, 36, 72])
            event = {
                "page_ptr_id": pk, "structure_id": place.pk, "cost": dice.choice(["", *Cost.values]),
                "age_min_months": low, "age_max_months": dice.choice([None, 96, 144, 216]),
                "registration": dice.choice(["none", "advised", "required"]), "uid": str(key),
                "languages": codes(dice.sample(Language.values[:8], 2)), "access": codes(dice.sample(Access.values, 2)),
                "rrule": "FREQ=WEEKLY" if is_series else "",
                "starts_at": moment_of(start), "ends_at": moment_of(end),
            }  # fmt: skip
            made.setdefault(in_centre, []).append((page, event))
            occurrences += [
                Occurrence(event_id=pk, recurrence_id=start + week, starts_at=start + week, ends_at=end + week)
                for week in (timedelta(weeks=w) for w in range(WEEKS + 20 if is_series else 1))
            ]
        with transaction.atomic():
            for in_centre, pairs in made.items():
                _parent, page, event = rows[in_centre]
                copies(tables[0], page, [one for one, _other in pairs])
                copies(tables[1], event, [other for _one, other in pairs])
            Occurrence.objects.bulk_create(occurrences, batch_size=500)
            pks = [page["id"] for pairs in made.values() for page, _event in pairs]
            for name, vocabulary in (("theme", self.themes), ("audience", self.audiences)):
                through = getattr(EventPage, f"{name}s").through
                through.objects.bulk_create(
                    through(**{"eventpage_id": pk, f"{name}_id": word.pk})
                    for pk in pks
                    for word in dice.sample(vocabulary, 2)
                )
        index = index_model()._meta.db_table
        entry = row_of(index, "object_id", str(self.models[0].pk))
        del entry["id"]
        copies(index, entry, [{"object_id": str(pk)} for pk in pks])
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        self.count = size


def moment_of(moment):
    """A moment as the database keeps it."""
    moment = moment.astimezone(UTC)
    return moment if connection.vendor == "postgresql" else moment.replace(tzinfo=None).isoformat(" ")


def days():
    today = timezone.localdate()
    wednesday = today + timedelta(days=(2 - today.weekday()) % 7)
    named = {"wednesday": wednesday, "later": wednesday + timedelta(days=13), "past": today - timedelta(days=1)}
    return {name: day.isoformat() for name, day in named.items()}


def main():
    call_command("migrate", verbosity=0)
    filler = Filler()
    with override_settings(ROOT_URLCONF=__name__, MIDDLEWARE=MIDDLEWARE):
        say(case="bare view", **measured("/"))
    for size in map(int, sys.argv[1:]):
        started = time.perf_counter()
        filler.fill_up_to(size)
        print(f"{size} events in {time.perf_counter() - started:.0f} s", file=sys.stderr, flush=True)
        forget_memory()
        for name, query in CASES.items():
            say(size=size, case=name, **measured(f"/agenda/?{query.format(**days())}"))
        say(size=size, case="in Arabic, near a town", **measured("/ar/agenda/?theme=theme-3&near=Ville+5"))
        say(size=size, case="the agenda of a centre", **measured("/centres/echo/agenda/?age=7"))
        say(size=size, case="calendar of a centre", **measured("/centres/echo/agenda.ics"))
        say(size=size, case="points of a week", **measured("/agenda/lieux.geojson?vue=semaine"))
        say(size=size, case="the first after a change", **first_after_a_change("/agenda/?age=7"))
    say(done=datetime.now(UTC).isoformat())


if __name__ == "__main__":
    main()
