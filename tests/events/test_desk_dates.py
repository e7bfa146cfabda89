"""The editor's screens of an event's dates: no script, plain words, and what readers then see."""

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.urls import reverse
from django.utils import timezone

from events.enums import OccurrenceStatus
from events.models import EventPage
from home import roles
from portal.core.models import SchoolHoliday
from tests import factories

pytestmark = pytest.mark.django_db
NOW = "2026-11-25T10:00:00+01:00"


@pytest.fixture(autouse=True)
def now():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def event(tree):
    page = factories.EventFactory(title="Café", slug="cafe", rrule="FREQ=WEEKLY;COUNT=4")
    page.save_revision().publish()
    return EventPage.objects.get(pk=page.pk)


@pytest.fixture
def editor(client, event):
    client.force_login(get_user_model().objects.create_superuser("editor"))
    return client


def date_url(event, number=1):
    row = list(event.occurrences.all())[number]
    return reverse("event_date", args=[event.pk, f"{timezone.localtime(row.recurrence_id):%Y-%m-%dT%H%M}"])


def test_the_dates_are_listed_and_each_leads_to_its_form(editor, event):
    html = editor.get(reverse("event_dates", args=[event.pk])).content.decode()
    assert "Tous les jeudis" in html
    assert all(f'href="{date_url(event, number)}"' in html for number in range(4))
    editing = editor.get(reverse("wagtailadmin_pages:edit", args=[event.pk])).content.decode()
    assert f'href="{date_url(event)}"' in editing
    assert "Tous les jeudis" in editing


def test_a_date_is_cancelled_with_a_word_then_put_back(editor, event, client):
    before = event.sequence
    keys = set(event.occurrences.values_list("pk", flat=True))
    response = editor.post(date_url(event), {"kind": "cancelled", "note": "Il neige."})
    assert response.status_code == 302
    row = list(event.occurrences.all())[1]
    assert (row.status, row.note) == (OccurrenceStatus.CANCELLED, "Il neige.")
    event.refresh_from_db()
    assert event.sequence == before + 1
    html = client.get("/agenda/cafe/").content.decode()
    assert "Il neige." in html
    assert "<strong>Annulé</strong>" in html
    assert "Il neige." in editor.get(date_url(event)).content.decode()
    editor.post(date_url(event), {"restore": "1"})
    assert {row.status for row in event.occurrences.all()} == {OccurrenceStatus.SCHEDULED}
    assert set(event.occurrences.values_list("pk", flat=True)) == keys


def test_a_date_is_moved_and_one_is_added(editor, event, client):
    editor.post(date_url(event), {"kind": "changed", "new_start": "2026-12-05T10:00", "place_note": "À la médiathèque"})
    row = list(event.occurrences.order_by("recurrence_id"))[1]
    assert f"{timezone.localtime(row.starts_at):%d %H:%M}" == "05 10:00"
    assert row.ends_at - row.starts_at == event.ends_at - event.starts_at
    html = client.get("/agenda/cafe/").content.decode()
    assert "Déplacé" in html
    assert "au lieu du jeudi 3 décembre" in html
    assert "À la médiathèque" in html
    assert '"previousStartDate":"2026-12-03T14:00:00+01:00"' in html
    editor.post(reverse("event_extra_date", args=[event.pk]), {"date": "2026-12-20", "kind": "changed"})
    assert event.occurrences.count() == 5
    assert "Dimanche 20 décembre" in client.get("/agenda/cafe/").content.decode()


def test_faults_are_told_and_change_nothing(editor, event):
    before = list(event.occurrences.values())
    response = editor.post(
        date_url(event), {"kind": "changed", "new_start": "2026-12-05T10:00", "new_end": "2026-12-05T09:00"}
    )
    assert response.status_code == 200
    assert "La fin doit" in response.content.decode()
    assert editor.post(date_url(event), {"kind": "sometimes"}).status_code == 200
    for key in ("2026-12-04T1400", "demain", "2026-13-45T9999"):
        assert editor.get(reverse("event_date", args=[event.pk, key])).status_code == 404
    assert list(event.occurrences.values()) == before


def test_a_draft_that_waits_is_not_published_with_a_date(editor, event):
    draft = event.get_latest_revision_as_object()
    draft.title = "Brouillon"
    draft.save_revision()
    editor.post(date_url(event), {"kind": "full"})
    event = EventPage.objects.get(pk=event.pk)
    assert event.title == "Café"
    assert list(event.occurrences.all())[1].is_full
    kept = event.get_latest_revision_as_object()
    assert kept.title == "Brouillon"
    assert kept.exceptions.get().kind == "full"


def test_who_may_not_publish_changes_the_draft_only(client, event):
    user = get_user_model().objects.create_user("marie")
    user.groups.set(Group.objects.filter(name__in=[roles.CONTRIBUTOR]))
    client.force_login(user)
    assert client.get(date_url(event)).status_code in (302, 403)
    client.logout()
    assert client.get(date_url(event)).status_code == 302


def test_editors_are_warned_where_the_school_calendar_ends(editor, event):
    SchoolHoliday.objects.all().delete()
    SchoolHoliday.objects.create(zone="B", name="Noël", start="2026-10-01", end="2026-12-10")
    event.rrule, event.school_holidays, event.school_zone = "FREQ=WEEKLY", "only", "B"
    event.save_revision().publish()
    html = editor.get(reverse("event_dates", args=[event.pk])).content.decode()
    assert "s’arrête au 10/12/2026" in html
    days = [timezone.localdate(row.starts_at).day for row in event.occurrences.all()]
    assert days == [26, 3, 10]


class TestTheForm:
    """The form of the page, as a browser without script posts it."""

    def post(self, editor, event, **changes):
        url = reverse("wagtailadmin_pages:edit", args=[event.pk])
        form = editor.get(url).context["form"]
        values = {}
        for field in form:
            data = field.value()
            if field.name == "rrule" or data in (None, "", [], False):
                continue
            values[field.html_name] = data
        for name in ("starts_at", "ends_at"):
            values[name] = f"{timezone.localtime(getattr(event, name)):%Y-%m-%d %H:%M}"
        for formset in form.formsets.values():
            values |= {f"{formset.prefix}-{name}_FORMS": 0 for name in ("TOTAL", "INITIAL", "MIN_NUM")}
            values[f"{formset.prefix}-MAX_NUM_FORMS"] = 1000
        values["structure"] = event.structure_id
        return editor.post(url, {**values, "tags": "", "action-publish": "1", **changes})

    def test_a_repetition_is_chosen_in_words(self, editor, event):
        said = {"rrule-often": "monthly-weekday", "rrule-days": ["TH"], "rrule-place": "-1", "rrule-ends": "count"}
        response = self.post(editor, event, **said, **{"rrule-count": "3", "rrule-every": "1", "rrule": event.rrule})
        assert response.status_code == 302, response.context["form"].errors
        event = EventPage.objects.get(pk=event.pk)
        assert event.rrule == "FREQ=MONTHLY;BYDAY=-1TH;COUNT=3"
        assert [timezone.localdate(row.starts_at).day for row in event.occurrences.all()] == [26, 31, 28]

    def test_a_first_date_out_of_the_rule_is_a_slip(self, editor, event):
        response = self.post(editor, event, **{"rrule-often": "weekly", "rrule-days": ["MO"], "rrule": event.rrule})
        assert response.status_code == 200
        assert "que la répétition ne donne pas" in response.content.decode()
        assert EventPage.objects.get(pk=event.pk).rrule == "FREQ=WEEKLY;COUNT=4"

    def test_what_is_edited_of_an_imported_event_is_locked(self, editor, event):
        EventPage.objects.filter(pk=event.pk).update(source="https://exemple.fr/a.ics", source_uid="1@exemple.fr")
        self.post(editor, event, title="Autre", rrule=event.rrule)
        assert EventPage.objects.get(pk=event.pk).locked_fields == ["title"]
