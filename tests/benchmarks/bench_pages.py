"""CPU of each page type, uncached, as a ratio of a bare view's: ``make bench``."""

import time

import pytest

from tests import factories

ROUNDS = 30


def cpu(client, path):
    """Seconds of CPU of one request, the best of some rounds."""
    client.get(path)
    best = float("inf")
    for _round in range(ROUNDS):
        start = time.process_time()
        assert client.get(path).status_code == 200, path
        best = min(best, time.process_time() - start)
    return best


@pytest.mark.django_db
def test_pages_against_a_bare_view(client, tree):
    centre = factories.CentreFactory(slug="echo")
    pages = [
        centre,
        *(factories.StructureFactory() for _number in range(40)),
        *(factories.EventFactory(structure=centre.structure) for _number in range(20)),
        *(factories.TermFactory() for _number in range(20)),
        factories.NewsFactory(),
        factories.ResourceFactory(),
    ]
    reference = cpu(client, "/robots.txt")
    details = {type(page).__name__: page.get_url_parts()[2] for page in pages}
    lists = {path: path for path in ("/", "/annuaire/", "/agenda/", "/glossaire/", "/recherche/?q=lieu")}
    print(f"\nbare view: {reference * 1000:.2f} ms of CPU")
    for name, path in {**details, **lists}.items():
        for prefix in ("", "/ar"):
            seconds = cpu(client, prefix + path)
            print(f"{prefix + path:40} {name:16} {seconds * 1000:6.1f} ms  {seconds / reference:5.1f} x bare")
