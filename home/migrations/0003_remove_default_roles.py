"""Wagtail's English groups and its one-step workflow go: the portal has roles of its own (``home/roles.py``).

The roles themselves (groups, permissions, the workflow "Validation") are made by ``home.roles.ensure_roles`` when the
migrations have run, on Django's signal ``post_migrate``, and not here:

- permissions and content types are rows that Django writes on that same signal, so none of them exists yet while the
  migrations of a new database run; and a later application's permissions would need one more migration each time;
- a database that was emptied (``flush``, tests with real transactions) gets its roles back by the same signal, which no
  migration would give.

A fresh ``migrate`` ends with everything in place, and so does the next one after an upgrade.
"""

from django.conf import settings
from django.db import migrations

GROUPS = ["Editors", "Moderators"]
WORKFLOW = "Moderators approval"


def remove_defaults(apps, schema_editor):
    using = schema_editor.connection.alias
    apps.get_model("wagtailcore", "Workflow").objects.using(using).filter(name=WORKFLOW).delete()
    apps.get_model("wagtailcore", "GroupApprovalTask").objects.using(using).filter(name=WORKFLOW).delete()
    apps.get_model("auth", "Group").objects.using(using).filter(name__in=GROUPS).delete()


class Migration(migrations.Migration):

    dependencies = [
        ("home", "0002_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
        # These give rights to the groups that go.
        ("wagtailadmin", "0001_create_admin_access_permissions"),
        ("wagtailcore", "0098_apitoken"),
        ("wagtaildocs", "0011_add_choose_permissions"),
        ("wagtailimages", "0023_add_choose_permissions"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [migrations.RunPython(remove_defaults, migrations.RunPython.noop, elidable=False)]
