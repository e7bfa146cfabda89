"""PostgreSQL: words are compared without their accents, and looked for in titles and texts at once through an index."""

import logging

from django.db import DatabaseError, migrations, transaction
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

CONFIGURATION = "portal_words"  # named by settings.WAGTAILSEARCH_BACKENDS
INDEX = "search_title_body_gin"

logger = logging.getLogger("portal.search")


def create(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """PostgreSQL's own configurations take “école” and “ecole” for two words; the extension unaccent makes them one.

    PostgreSQL 13 and later let the owner of a database create it. Where that is refused the portal works all the same,
    with words that must be typed with their accents, until an administrator of the database runs ``CREATE EXTENSION
    unaccent``, this migration is undone and done again, and ``manage.py wagtail_update_index`` is run.
    """
    connection = schema_editor.connection
    if connection.vendor != "postgresql":
        return
    table = apps.get_model("wagtailsearch", "IndexEntry")._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE INDEX IF NOT EXISTS {INDEX} ON {table} USING gin ((title || body))")
        cursor.execute(f"DROP TEXT SEARCH CONFIGURATION IF EXISTS {CONFIGURATION}")
        cursor.execute(f"CREATE TEXT SEARCH CONFIGURATION {CONFIGURATION} (COPY = pg_catalog.simple)")
        try:
            with transaction.atomic(using=connection.alias):
                cursor.execute("CREATE EXTENSION IF NOT EXISTS unaccent")
        except DatabaseError as error:
            logger.warning("Searches will mind accents: the extension unaccent can't be created (%s)", error)
            return
        cursor.execute(
            f"ALTER TEXT SEARCH CONFIGURATION {CONFIGURATION}"
            " ALTER MAPPING FOR hword, hword_part, word WITH unaccent, simple"
        )


def drop(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"DROP TEXT SEARCH CONFIGURATION IF EXISTS {CONFIGURATION}")
        schema_editor.execute(f"DROP INDEX IF EXISTS {INDEX}")


class Migration(migrations.Migration):
    initial = True

    dependencies = [("wagtailsearch", "0006_customise_indexentry")]

    operations = [migrations.RunPython(create, drop)]
