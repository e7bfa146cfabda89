"""Every field that an editor fills in says what to write there; in French, and not by repeating its own name."""

import re

import pytest
from django.apps import apps
from django.utils.translation import override
from wagtail.blocks import BaseStructBlock, ListBlock, StreamBlock
from wagtail.contrib.settings.registry import registry as settings_registry
from wagtail.fields import StreamField
from wagtail.models import Page
from wagtail.snippets.models import get_snippet_models

from portal.images.models import PortalImage
from tests.tree import PACKAGES, reads_files_only

pytestmark = reads_files_only

#: Fields without help of their own, with the reason.
EXCEPTIONS = {
    "go_live_at": "Wagtail's dialogue of publishing explains it",
    "expire_at": "Wagtail's dialogue of publishing explains it",
    "comment_notifications": "Wagtail's panel of comments explains it",
}


def ours(models):
    return [model for model in models if model.__module__.split(".")[0] in PACKAGES]


def edited_models():
    pages = [model for model in ours(apps.get_models()) if issubclass(model, Page)]
    return [*pages, *ours(get_snippet_models()), *ours(settings_registry)]


def forms_of(model):
    """``(label of the model, form class)`` of a model and of the rows below it, as the admin makes them."""
    from wagtail.admin.panels import get_edit_handler
    from wagtail.contrib.settings.views import get_setting_edit_handler
    from wagtail.snippets.models import get_snippet_models as snippets

    if model in snippets():
        handler = model.snippet_viewset.get_edit_handler()
    elif model in settings_registry:
        handler = get_setting_edit_handler(model)
    else:
        handler = get_edit_handler(model) if not issubclass(model, Page) else model.get_edit_handler()
    form = handler.get_form_class()
    yield model._meta.label, form
    for name, formset in getattr(form, "formsets", {}).items():
        if name != "comments":  # hidden fields that Wagtail's script fills in
            yield f"{model._meta.label}.{name}", formset.form


def image_form():
    from wagtail.images.forms import get_image_form

    return [("images.PortalImage", get_image_form(PortalImage))]


def edited_fields():
    """``(name, label, help text)`` of every field of every form, in French."""
    found = []
    with override("fr"):
        forms = [pair for model in edited_models() for pair in forms_of(model)] + image_form()
        for label, form in forms:
            for name, field in form.base_fields.items():
                if not field.widget.is_hidden and name not in ("ORDER", "DELETE", "id"):
                    found.append((f"{label}.{name}", str(field.label or ""), str(field.help_text or "")))
    return found


def blocks_below(block, name):
    """The blocks that are fields to fill in, by name."""
    if isinstance(block, ListBlock):
        yield from blocks_below(block.child_block, f"{name}.*")
    elif isinstance(block, StreamBlock | BaseStructBlock):
        for child_name, child in block.child_blocks.items():
            yield from blocks_below(child, f"{name}.{child_name}")
    else:
        yield name, block


def edited_blocks():
    found = {}
    with override("fr"):
        for model in ours(apps.get_models()):
            for field in model._meta.get_fields():
                if isinstance(field, StreamField):
                    for name, block in blocks_below(field.stream_block, type(field.stream_block).__name__):
                        found[name] = (name, str(block.label), str(block.field.help_text or ""))
    return list(found.values())


@pytest.fixture(scope="module")
def everything():
    fields = edited_fields()
    assert len(fields) > 100
    assert len(edited_blocks()) > 10
    return fields + edited_blocks()


def test_every_field_says_what_to_write(everything):
    without = [name for name, _label, text in everything if not text and name.rsplit(".", 1)[1] not in EXCEPTIONS]
    assert without == []


def test_help_is_french_and_more_than_the_name_of_the_field(everything):
    english = re.compile(r"\b(?:the|of|with|shown|such as|leave|write)\b", re.IGNORECASE)
    poor = [
        f"{name}: {text}"
        for name, label, text in everything
        if text and (english.search(text) or len(text) < 20 or text.rstrip(".").lower() == label.lower())
    ]
    assert poor == []


def test_no_exception_is_out_of_date(everything):
    """An exception serves fields that have no help, of which there is at least one, or goes."""
    names = {name.rsplit(".", 1)[1] for name, _label, _text in everything}
    assert set(EXCEPTIONS) <= names
