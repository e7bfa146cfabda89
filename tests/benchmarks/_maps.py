"""One database of ``maps.py``: filled with many structures, its maps measured within this process; or served.

``DATABASE_URL=… python -m tests.benchmarks._maps 1000`` fills, and prints lines of JSON; gunicorn serves
``application``.
"""

import sys

from tests.benchmarks._places import Filler, measured, say  # sets Django up

from django.contrib.staticfiles.handlers import StaticFilesHandler  # isort: skip
from django.core.management import call_command  # isort: skip
from django.core.wsgi import get_wsgi_application  # isort: skip
from django.test import Client  # isort: skip

from portal.core.page_cache import compress  # isort: skip

MAP, POINTS = "/annuaire/carte/", "/annuaire/lieux.geojson?forme=carte"
#: The same views with filters, and in another language.
CASES = {
    "map": MAP,
    "map, one theme": f"{MAP}?theme=theme-3",
    "map for other sites": "/annuaire/integre/carte/",
    "points": POINTS,
    "points, one theme": f"{POINTS}&theme=theme-3",
    "points, near a town": f"{POINTS}&near=Ville+5&radius=20",
    "points, in Arabic": f"/ar{POINTS}",
    "what a popup says": "/annuaire/lieu-7/lieu.geojson",
}

application = StaticFilesHandler(get_wsgi_application())


def main():
    call_command("migrate", verbosity=0)
    Filler().fill_up_to(int(sys.argv[1]))
    for name, address in CASES.items():
        body = Client().get(address).content
        sizes = {encoding: len(compress(body, encoding)) for encoding in ("gzip", "br")}
        say(case=name, sizes=sizes, **measured(address))


if __name__ == "__main__":
    main()
