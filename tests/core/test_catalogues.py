"""The message tool: what it finds in the sources, what it keeps, what it refuses."""

import os

import polib
import pytest
from django.core.management import CommandError, call_command
from django.template import engines
from django.utils import translation
from django.utils.translation import trans_real

from portal.core import catalogues, source_messages
from tests.tree import reads_files_only

pytestmark = reads_files_only

TEMPLATE = """{% load i18n %}
<p title='{% translate "Say \\"hi\\"" %}'>{% translate 'Save 50% now' context "shop" %} it's</p>
{# Translators: the list #}
{% blocktranslate trimmed count counter=places|length with name=x %}
  One place in {{ name }}
{% plural %}
  {{ counter }} places in {{ name }}
{% endblocktranslate %}
{{ nothing|default:_("Nothing") }} {{ _("Alone") }} {% firstof nothing _("First") %}
{% blocktranslate with a=x %}50% of {{ a }}{% endblocktranslate %}
{% comment %} "unbalanced ( ' {% endcomment %}{% translate "After a comment" as z %}{{ z }}
{% if x == _("Compared") %}{% endif %}
"""
TEMPLATE_TEXTS = {
    'Say "hi"',
    "Save 50%% now",
    "One place in %(name)s",
    "Nothing",
    "Alone",
    "First",
    "50%% of %(a)s",
    "After a comment",
    "Compared",
}
PYTHON = """
from django.utils.translation import gettext as _, gettext_lazy, ngettext, ngettext_lazy, npgettext, pgettext
from django.utils.translation import gettext as _gettext
hello = _("Hello %(name)s") % {"name": "x"}
# Translators: a door
door = pgettext("door", "Open")
places = ngettext("%(count)d place", "%(count)d places", 3) % {"count": 3}
many = npgettext("shop", "one {n}", "many {n}", 2)
text = gettext_lazy(
    "long "
    "text"
)
things = ngettext_lazy("%d thing", "%d things", "count")
renamed = _gettext("Under another name")
unknown = _(text)
"""


@pytest.fixture
def tree(tmp_path):
    """A project of one package; call it with a path and a text to add a file."""

    def write(name, text):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    write("app/__init__.py", "")
    write.root, write.folder = tmp_path, tmp_path / "locale"
    return write


def extract(tree, *languages):
    return catalogues.extract(tree.root, tree.folder, languages or ["fr", "en", "ar"])


def check(tree, *languages):
    return catalogues.check(tree.root, tree.folder, languages or ["fr", "en", "ar"])


def edit(tree, language, **translations):
    """Translate entries of a catalogue; a list is the forms of a plural. Keys are the messages."""
    path = catalogues.catalogue_path(tree.folder, language)
    catalogue = polib.pofile(str(path))
    for text, value in translations.items():
        entry = next(entry for entry in catalogue if entry.msgid == text)
        if isinstance(value, list):
            entry.msgstr_plural = dict(enumerate(value))
        else:
            entry.msgstr = value
    catalogue.save()
    return path


def fill(tree, *languages):
    """Translate every entry with the message itself."""
    for language in languages:
        catalogue = polib.pofile(str(catalogues.catalogue_path(tree.folder, language)))
        for entry in catalogue:
            if entry.msgid_plural:
                entry.msgstr_plural = dict.fromkeys(entry.msgstr_plural, entry.msgid_plural)
            else:
                entry.msgstr = entry.msgid
        catalogue.save()


def test_python_messages(tree):
    tree("app/views.py", PYTHON)
    found = source_messages.messages_of_sources(tree.root)
    assert {(m.context, m.text, m.plural) for m in found.values()} == {
        (None, "Hello %(name)s", None),
        ("door", "Open", None),
        (None, "%(count)d place", "%(count)d places"),
        ("shop", "one {n}", "many {n}"),
        (None, "long text", None),
        (None, "%d thing", "%d things"),
        (None, "Under another name", None),
    }
    assert found["door", "Open"].comments == {"a door"}
    assert found[None, "Hello %(name)s"].flags == ["python-format"]
    assert found["shop", "one {n}"].flags == ["python-brace-format"]
    assert found[None, "long text"].flags == []


def test_template_messages(tree):
    tree("app/templates/app/page.html", TEMPLATE)
    found = source_messages.messages_of_sources(tree.root)
    assert {text for _context, text in found} == TEMPLATE_TEXTS
    assert found["shop", "Save 50%% now"].context == "shop"
    places = found[None, "One place in %(name)s"]
    assert places.plural == "%(counter)s places in %(name)s"
    assert places.comments == {"the list"}


def test_what_is_extracted_is_what_django_looks_up(tree, settings):
    """Each message of the template, translated, shows translated."""
    tree("app/templates/app/page.html", TEMPLATE)
    extract(tree, "fr")
    path = catalogues.catalogue_path(tree.folder, "fr")
    catalogue = polib.pofile(str(path))
    for entry in catalogue:
        if entry.msgid_plural:
            entry.msgstr_plural = dict.fromkeys(entry.msgstr_plural, "FR " + entry.msgid_plural)
        else:
            entry.msgstr = "FR " + entry.msgid
    catalogue.save()
    catalogues.compile_catalogues(tree.folder)
    settings.LOCALE_PATHS = [tree.folder]
    kept, trans_real._translations = trans_real._translations, {}
    try:
        with translation.override("fr"):
            page = engines["django"].from_string(TEMPLATE).render({"x": "Lille", "places": [1, 2]})
    finally:
        trans_real._translations = kept
    for text in (
        'FR Say "hi"',
        "FR Save 50% now",
        "FR 2 places in Lille",
        "FR Nothing",
        "FR Alone",
        "FR First",
        "FR 50% of Lille",
        "FR After a comment",
    ):
        assert text in page


@pytest.mark.parametrize(
    ("path", "admin_only"),
    [
        ("directory/models.py", True),
        ("directory/models_services.py", True),
        ("portal/core/models/base.py", True),
        ("portal/core/blocks/text.py", True),
        ("home/blocks.py", True),
        ("directory/viewsets.py", True),
        ("directory/wagtail_hooks.py", True),
        ("portal/core/panels.py", True),
        ("directory/apps.py", True),
        ("home/management/commands/load_demo.py", True),
        ("portal/settings/base.py", True),
        ("portal/templates/wagtailadmin/home.html", True),
        ("portal/moderation/templates/moderation/admin/inbox.html", True),
        ("directory/forms.py", False),
        ("directory/enums.py", False),
        ("directory/views.py", False),
        ("portal/templates/base.html", False),
        ("portal/templates/blocks/steps.html", False),
        ("directory/templates/directory/administration.html", False),
    ],
)
def test_admin_only_paths(path, admin_only):
    assert source_messages.is_admin_only(path) is admin_only


def test_models_speak_to_visitors_in_choices_and_methods(tree):
    tree(
        "app/models/places.py",
        """
class Kind(models.TextChoices):
    NURSERY = "nursery", _("Nursery")


class Place:
    title = field(_("title"))

    @property
    def ages(self):
        return gettext("From %(age)s") % {"age": self.age}

    def clean(self):
        raise ValidationError(gettext("Write a title."))
""",
    )
    tree("app/viewsets.py", 'class Views:\n    def get(self):\n        return _("For editors")\n')
    found = source_messages.messages_of_sources(tree.root).values()
    assert {message.text for message in found if message.is_public} == {"Nursery", "From %(age)s"}


def test_extract_is_stable_and_keeps_translations(tree):
    tree("app/views.py", PYTHON)
    tree("app/templates/app/page.html", TEMPLATE)
    extract(tree)
    path = edit(tree, "fr", **{"long text": "texte long", "%d thing": ["%d chose", "%d choses"]})
    extract(tree)
    before = path.read_bytes()
    assert extract(tree) == {"fr": (0, 0), "en": (0, 0), "ar": (0, 0)}
    assert path.read_bytes() == before
    entries = catalogues.entries_by_key(catalogues.read(path))
    assert entries[None, "long text"].msgstr == "texte long"
    assert entries[None, "%d thing"].msgstr_plural == {0: "%d chose", 1: "%d choses"}
    text = before.decode()
    assert "POT-Creation-Date" not in text
    assert "#: app/views.py\n" in text  # no line numbers


def test_extract_drops_what_no_source_holds(tree):
    path = tree("app/views.py", 'a = _("Old")\nb = _("Kept")\n')
    extract(tree)
    path.write_text('b = _("Kept")\nc = _("New")\n')
    assert extract(tree, "fr") == {"fr": (1, 1)}
    assert "Old" not in catalogues.catalogue_path(tree.folder, "fr").read_text()


def test_english_is_filled_with_the_message(tree):
    tree("app/views.py", 'a = _("Hello")\nb = ngettext("one", "many", 2)\n')
    extract(tree)
    entries = catalogues.entries_by_key(catalogues.read(catalogues.catalogue_path(tree.folder, "en")))
    assert entries[None, "Hello"].msgstr == "Hello"
    assert entries[None, "one"].msgstr_plural == {0: "one", 1: "many"}
    assert not [fault for fault in check(tree) if fault.startswith("en")]


def test_plural_forms():
    assert [catalogues.number_of_forms(code) for code in ("fr", "en", "ar", "tr")] == [2, 2, 6, 2]


def test_a_new_language_starts_empty_and_passes(tree):
    tree("app/views.py", PYTHON)
    extract(tree, "es")
    assert check(tree, "es") == []


def test_a_complete_catalogue_passes(tree):
    tree("app/views.py", PYTHON)
    tree("app/templates/app/page.html", TEMPLATE)
    tree("app/models.py", 'title = _("title")\n')
    extract(tree)
    fill(tree, "fr", "ar")
    edit(tree, "ar", title="")  # for editors, who work in French
    assert check(tree) == []


def test_missing_and_stale(tree):
    path = tree("app/views.py", 'a = _("Old")\n')
    extract(tree)
    fill(tree, "fr", "ar")
    path.write_text('a = _("New")\n')
    faults = check(tree, "fr")
    assert faults == [
        "fr: 'New' (app/views.py) is missing; run: manage.py messages extract",
        "fr: 'Old' is in no source any more; run: manage.py messages extract",
    ]


def test_empty_and_fuzzy(tree):
    tree("app/views.py", 'a = _("One")\nb = _("Two")\n')
    extract(tree)
    fill(tree, "fr", "ar")
    edit(tree, "ar", One="")
    path = catalogues.catalogue_path(tree.folder, "fr")
    path.write_text(path.read_text().replace('msgid "Two"', '#, fuzzy\nmsgid "Two"'))
    assert check(tree) == [
        "fr: 'Two' (app/views.py) is fuzzy: a human must read it, then remove the flag",
        "ar: 'One' (app/views.py) is not translated",
    ]
    extract(tree)
    assert "is fuzzy" in check(tree)[0]  # extracting again does not make it valid
    catalogues.compile_catalogues(tree.folder)
    assert b"Two" not in path.with_suffix(".mo").read_bytes()


@pytest.mark.parametrize(
    ("source", "translation_", "fault"),
    [
        ('_("Hi %(name)s")', "Salut", "has []"),
        ('_("Hi %(name)s")', "Salut %(nom)s", "%(nom)s"),
        ('_("Hi %(name)s")', "Salut %(name)", "has []"),
        ('_("Hi {name}")', "Salut {nom}", "{nom}"),
        ('_("Hi %(name)s")', "100 % %(name)s, oui", ""),
        ('_("Hi %(name)s")', "Salut %(name)s, 50 %", "per cent sign"),
        ('_("Read <a>this</a>")', "Lisez ceci", "has []"),
        ('_("All of it")', "100 %", ""),
        ('_("Hi %(name)s")', "Salut %(name)s", ""),
    ],
)
def test_placeholders(tree, source, translation_, fault):
    tree("app/views.py", f"a = {source}\n")
    extract(tree, "fr")
    catalogue = polib.pofile(str(catalogues.catalogue_path(tree.folder, "fr")))
    catalogue[0].msgstr = translation_
    catalogue.save()
    faults = check(tree, "fr")
    if fault:
        assert len(faults) == 1
        assert fault in faults[0]
    else:
        assert faults == [] or "per cent" in faults[0]


@pytest.mark.parametrize(
    ("forms", "fault"),
    [
        (["aucun lieu", "un lieu", "deux lieux", "%(count)s lieux", "%(count)s lieux", "%(count)s lieux"], ""),
        (["aucun lieu", "un lieu", "deux lieux", "%(count)s lieux", "%(count)s lieux", "des lieux"], "has []"),
        (["%(total)s", "un lieu", "deux lieux", "lieux", "lieux", "%(count)s lieux"], "%(total)s"),
        (["aucun lieu", "", "deux lieux", "lieux", "lieux", "%(count)s lieux"], "is not translated"),
    ],
)
def test_placeholders_of_plurals(tree, forms, fault):
    tree("app/views.py", 'a = ngettext("One place", "%(count)s places", n)\n')
    extract(tree, "ar")
    edit(tree, "ar", **{"One place": forms})
    faults = check(tree, "ar")
    assert len(faults) == bool(fault)
    assert fault in "".join(faults)


def test_two_plurals_of_one_text(tree):
    tree("app/views.py", 'a = ngettext("place", "places", n)\nb = ngettext("place", "seats", n)\n')
    assert "two plurals" in check(tree, "fr")[0]


def test_broken_files_are_named(tree):
    tree("app/templates/app/bad.html", "{% if %}")
    assert "app/templates/app/bad.html" in check(tree, "fr")[0]
    tree("app/templates/app/bad.html", "")
    tree("app/views.py", 'a = _("x"\n')
    assert "app/views.py" in check(tree, "fr")[0]
    tree("app/views.py", 'a = _("x")\n')
    assert check(tree, "fr") == ["fr: there is no catalogue; run: manage.py messages extract"]
    tree("locale/fr/LC_MESSAGES/django.po", "nonsense")
    assert "fr: django.po of fr can't be read" in check(tree, "fr")[0]


def test_compile_only_what_changed(tree):
    tree("app/views.py", 'a = _("Hello")\n')
    extract(tree, "fr", "ar")
    fill(tree, "fr", "ar")
    assert len(catalogues.compile_catalogues(tree.folder)) == 2
    assert catalogues.compile_catalogues(tree.folder) == []
    path = catalogues.catalogue_path(tree.folder, "ar")
    later = path.stat().st_mtime_ns + 10**10
    os.utime(path, ns=(later, later))
    assert catalogues.compile_catalogues(tree.folder) == [path.with_suffix(".mo")]
    assert not list(tree.folder.rglob("*.tmp"))


def test_command(tree, settings, capsys):
    tree("app/views.py", 'a = _("Hello")\n')
    settings.BASE_DIR, settings.LOCALE_PATHS = tree.root, [tree.folder]
    settings.LANGUAGES = [("fr", "French"), ("en", "English")]
    call_command("messages", "extract")
    assert "fr: 1 new, 0 dropped" in capsys.readouterr().out
    with pytest.raises(CommandError, match=r"fr: 'Hello' \(app/views.py\) is not translated"):
        call_command("messages", "check")
    fill(tree, "fr")
    call_command("messages", "check")
    call_command("messages", "compile")
    assert "2 catalogues compiled" in capsys.readouterr().out
