"""Numbers of SQL queries of a page, warm and without page cache: the same for 10 rows and for 200."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from directory.models import Permanence, Service
from home.models import CentrePhoto
from portal.core.versions import forget_memory
from tests import factories

pytestmark = pytest.mark.django_db

DETAIL, LIST, OTHER_LANGUAGE = 16, 20, 4
#: More for a process that has nothing in its memory yet: menus, settings, vocabularies, and what pages gather.
COLD = 10
LISTS = ("/", "/annuaire/", "/ressources/", "/glossaire/", "/agenda/", "/agenda/?vue=mois", "/centres/", "/actualites/")


def queries(client, path, *, is_cold=False):
    client.get(path)  # warm
    if is_cold:
        forget_memory()  # what a process remembers would hide what grows with the rows
    with CaptureQueriesContext(connection) as captured:
        assert client.get(path).status_code == 200, path
    return [query["sql"] for query in captured.captured_queries]


def fill(count):
    """Pages of every type, half of them translated, with rows and vocabularies."""
    theme = factories.ThemeFactory(slug=f"theme-{count}", name="Santé", names={"ar": "الصحة"})
    audience = factories.AudienceFactory(slug=f"public-{count}", name="Parents", names={"ar": "الآباء"})
    made = {}
    centre = factories.CentreFactory(slug=f"centre-{count}")
    for number in range(3):
        image = factories.image(f"photo-{count}-{number}")
        centre.photos.add(CentrePhoto(image=image, sort_order=number))
    centre.save()
    for number in range(count):
        facts = {"themes": [theme], "audiences": [audience]}
        made["structure"] = factories.StructureFactory(**facts, languages=["fr", "ar"])
        made["structure"].services.add(Service(name="Accueil"))
        made["structure"].permanences.add(Permanence(role="Accueil", opening_hours="Mo 09:00-12:00"))
        made["structure"].save()
        made["resource"] = factories.ResourceFactory(**facts)
        made["term"] = factories.TermFactory(themes=[theme])
        made["event"] = factories.EventFactory(
            **facts, structure=made["structure"], organizer=made["structure"], rrule="FREQ=WEEKLY;COUNT=3"
        )
        made["news"] = factories.NewsFactory(centres=[centre])
        made["activity"] = factories.ActivityFactory(parent=centre, **facts)
        made["standard"] = factories.StandardPageFactory(parent=centre)
        # Half of ten, a tenth of two hundred: what counts is that there are some among the first of each list.
        if number % 2 and number < 40:
            for page in made.values():
                factories.translate(page, "ar", title=f"عنوان {number}")
    made["centre"] = centre
    return made


@pytest.mark.parametrize("count", [10, pytest.param(200, marks=pytest.mark.slow)])
def test_numbers_of_queries(client, tree, count):
    with factories.unindexed():
        pages = fill(count)
    figures = {}
    for language, more in (("", 0), ("/ar", OTHER_LANGUAGE)):
        limits = dict.fromkeys(LISTS, LIST) | {page.get_url_parts()[2]: DETAIL for page in pages.values()}
        for path, limit in limits.items():
            address = language + path
            figures[address] = (len(queries(client, address)), limit + more)
            figures[f"{address} (cold)"] = (len(queries(client, address, is_cold=True)), limit + more + COLD)
    too_many = {path: found for path, found in figures.items() if found[0] > found[1]}
    assert not too_many, f"{too_many}\nall: {figures}"
