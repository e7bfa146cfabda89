"""The school holidays of the running school year, as the ministry of education published them."""

from datetime import date

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

#: ``(zones, name, first day, last day)``; the calendar of 2026-2027, https://www.education.gouv.fr/calendrier-scolaire.
HOLIDAYS = (
    ("ABC", "Vacances d'été", date(2026, 7, 4), date(2026, 8, 31)),
    ("ABC", "Vacances de la Toussaint", date(2026, 10, 17), date(2026, 11, 1)),
    ("ABC", "Vacances de Noël", date(2026, 12, 19), date(2027, 1, 3)),
    ("A", "Vacances d'hiver", date(2027, 2, 13), date(2027, 2, 28)),
    ("B", "Vacances d'hiver", date(2027, 2, 20), date(2027, 3, 7)),
    ("C", "Vacances d'hiver", date(2027, 2, 6), date(2027, 2, 21)),
    ("A", "Vacances de printemps", date(2027, 4, 10), date(2027, 4, 25)),
    ("B", "Vacances de printemps", date(2027, 4, 17), date(2027, 5, 2)),
    ("C", "Vacances de printemps", date(2027, 4, 3), date(2027, 4, 18)),
    ("ABC", "Vacances d'été", date(2027, 7, 3), date(2027, 8, 31)),
)


def load(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    model = apps.get_model("core", "SchoolHoliday")
    rows = [
        model(zone=zone, name=name, start=start, end=end) for zones, name, start, end in HOLIDAYS for zone in zones
    ]
    model.objects.using(schema_editor.connection.alias).bulk_create(rows, ignore_conflicts=True)


class Migration(migrations.Migration):
    dependencies = [("core", "0005_settings_of_each_site")]

    operations = [migrations.RunPython(load, migrations.RunPython.noop)]
