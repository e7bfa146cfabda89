"""Sites that were there before get their settings, which used to be made by the first page that was shown."""

from django.db import migrations


def give_settings(apps, schema_editor):
    settings = apps.get_model("core", "PortalSettings")
    for site in apps.get_model("wagtailcore", "Site").objects.all():
        settings.objects.get_or_create(site=site)


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0004_school_holidays"),
        ("wagtailcore", "0098_apitoken"),
    ]

    operations = [migrations.RunPython(give_settings, migrations.RunPython.noop)]
