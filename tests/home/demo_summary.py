"""What the database holds, without what differs from one load to the next: keys, instants, places in the tree."""

from django.apps import apps
from django.db import models
from modelcluster.fields import ParentalManyToManyField
from modelcluster.models import get_all_child_relations
from wagtail.models import Page

#: Rows that are no content, or grow with the days that pass.
UNCOUNTED = {"contenttypes", "auth.permission", "sessions", "django_tasks_database", "events.occurrence"}
VOLATILE = {
    *("id", "page_ptr", "path", "numchild", "translation_key", "content_type", "page", "content_object"),
    *("latest_revision", "live_revision", "latest_revision_created_at", "first_published_at", "last_published_at"),
    *("starts_at", "ends_at", "published_on", "date", "new_start", "new_end", "postponed_to"),
    *("uid", "last_modified", "published_state"),
}


def summary():
    """JSON-able: the number of rows per table, and each page with its rows."""
    return {
        "rows": row_counts(),
        "pages": [page_summary(page) for page in Page.objects.order_by("url_path").specific()],
    }


def row_counts():
    counts = {}
    for model in apps.get_models():
        label = model._meta.label_lower
        if not model._meta.managed or label in UNCOUNTED or model._meta.app_label in UNCOUNTED:
            continue
        counts[label] = model._default_manager.count()
    return counts


def max_keys():
    """The highest primary key of each table: it tells that rows were made even when others went."""
    return {
        model._meta.label_lower: str(model._default_manager.aggregate(high=models.Max("pk"))["high"])
        for model in apps.get_models()
        if model._meta.managed and not isinstance(model._meta.pk, models.UUIDField)
    }


def page_summary(page):
    return {
        "type": page._meta.label,
        "alias": page.alias_of_id is not None,
        "revisions": page.revisions.count(),
        "published": page.live_revision_id is not None and page.live_revision_id == page.latest_revision_id,
        "is_dated": bool(getattr(page, "starts_at", None)),
        "has_occurrences": hasattr(page, "occurrences") and page.occurrences.exists(),
        **row_summary(page),
    }


def row_summary(row):
    values = {}
    for field in row._meta.concrete_fields:
        if field.name in VOLATILE:
            continue
        if isinstance(field, models.ForeignKey):
            values[field.name] = name_of(getattr(row, field.name))
        else:
            values[field.name] = str(field.value_to_string(row))
    for field in row._meta.many_to_many:
        if isinstance(field, ParentalManyToManyField):
            values[field.name] = sorted(name_of(other) for other in getattr(row, field.name).all())
    for relation in get_all_child_relations(type(row)):
        name = relation.get_accessor_name()
        values[name] = [row_summary(child) for child in getattr(row, name).all()]
    return values


def name_of(instance):
    if instance is None:
        return None
    return str(getattr(instance, "slug", "") or getattr(instance, "language_code", "") or instance)
