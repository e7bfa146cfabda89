"""The dates and events that were there before get the identity that calendars know them by."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import F

from events.models.identity import new_uid


def give_identities(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    occurrences = apps.get_model("events", "Occurrence").objects
    occurrences.update(recurrence_id=F("starts_at"))
    occurrences.filter(is_cancelled=True).update(status="cancelled")
    events = apps.get_model("events", "EventPage").objects
    for key in events.filter(locale__language_code="fr", uid="").values_list("pk", flat=True):
        events.filter(pk=key).update(uid=new_uid())


class Migration(migrations.Migration):
    dependencies = [("events", "0005_calendar")]

    operations = [migrations.RunPython(give_identities, migrations.RunPython.noop)]
