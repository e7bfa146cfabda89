"""One database of ``directory.py``: filled with many structures, its lists measured within this process.

``DATABASE_URL=… python -m tests.benchmarks._places 1000 10000`` prints lines of JSON.
"""

import json
import os
import random
import sys
import time
import uuid
from datetime import UTC, datetime

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "portal.settings.test"
django.setup()

from django.core.management import call_command  # noqa: E402 - Django is set up first
from django.db import connection, transaction  # noqa: E402
from django.http import HttpResponse  # noqa: E402
from django.test import Client, override_settings  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402
from django.urls import path  # noqa: E402

from directory.enums import StructureKind  # noqa: E402
from directory.models import Service, StructurePage  # noqa: E402
from portal.core.enums import Access, Cost, Language  # noqa: E402
from portal.core.textsearch import index_model  # noqa: E402
from portal.core.versions import forget_memory  # noqa: E402
from tests import factories  # noqa: E402

#: What is asked of the list, and by how many filters.
CASES = {
    "no filter": "",
    "theme, age, near a point": "theme=theme-3&age=2&near=50.63,3.06&radius=10",
    "words and a theme": "q=familles&theme=theme-3",
    "open now": "ouvert=now",
    "open on Saturday, near a town": "ouvert=sat&near=Ville+5&radius=20",
    "every choice unfolded": "choix=tous",
    "every choice, many filters": "choix=tous&theme=theme-1&access=poussette&age=4&near=50.63,3.06&radius=50",
    "a page far behind": "page=90",
}
REQUESTS, ROUNDS = 10, 4
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]


def bare(request):
    return HttpResponse("<!DOCTYPE html>\n<title>La page nue</title>\n" + "<p>Un lieu qui reçoit.</p>\n" * 500)


urlpatterns = [path("", bare)]


# --- Many places -----------------------------------------------------------------------------------------------------


def copies(table, row, changes):
    """Rows like one that is there, each with some columns changed. Written as they are, faster than pages are saved."""
    names = list(row)
    columns = ", ".join(connection.ops.quote_name(name) for name in names)
    marks = ", ".join(["%s"] * len(names))
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO {connection.ops.quote_name(table)} ({columns}) VALUES ({marks})",
            [[(row | change)[name] for name in names] for change in changes],
        )


def row_of(table, key, value):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)} WHERE {key} = %s", [value])
        return dict(zip([column[0] for column in cursor.description], cursor.fetchone(), strict=True))


def hours(dice):
    """Hours that are hardly ever those of another place."""
    opens, closes = dice.randrange(7 * 60, 10 * 60), dice.randrange(16 * 60, 20 * 60)
    week = f"{opens // 60:02}:{opens % 60:02}-12:00,13:30-{closes // 60:02}:{closes % 60:02}"
    return f"{dice.choice(['Mo-Fr', 'Tu-Sa', 'Mo,We,Fr'])} {week}; PH off"


class Filler:
    def __init__(self):
        self.dice = random.Random(1)
        factories.make_tree()
        self.themes = [factories.ThemeFactory(slug=f"theme-{n}", name=f"Thème {n}") for n in range(12)]
        self.audiences = [factories.AudienceFactory(slug=f"public-{n}", name=f"Public {n}") for n in range(8)]
        self.towns = [
            factories.MunicipalityFactory(
                insee=f"59{n:03}", name=f"Ville {n}", postcodes=f"59{n:03}",
                latitude=50.4 + n % 10 / 15, longitude=2.8 + n // 10 / 15,
            )
            for n in range(90)
        ]  # fmt: skip
        self.model = factories.StructureFactory(slug="modele", title="Modèle")
        self.count = 1

    def fill_up_to(self, size):
        page_table, place_table = "wagtailcore_page", StructurePage._meta.db_table
        page, place = row_of(page_table, "id", self.model.pk), row_of(place_table, "page_ptr_id", self.model.pk)
        parent = self.model.get_parent()
        numbers = range(self.count, size)
        first = StructurePage.objects.order_by("-pk").first().pk + 1 - self.count
        dice = self.dice
        native = connection.features.has_native_uuid_field
        pages, places = [], []
        for number in numbers:
            key, town = uuid.UUID(int=dice.getrandbits(128)), dice.choice(self.towns)
            title = f"{dice.choice(['Maison', 'Espace', 'Relais', 'Accueil'])} des familles {number}"
            pages.append({
                "id": first + number,
                "path": parent.path + base36(number + 2),
                "title": title, "draft_title": title, "slug": f"lieu-{number}", "numchild": 0,
                "url_path": f"{parent.url_path}lieu-{number}/", "translation_key": key if native else key.hex,
            })  # fmt: skip
            low = dice.choice([None, 0, 24, 36])
            places.append({
                "page_ptr_id": first + number, "kind": dice.choice(StructureKind.values), "municipality_id": town.pk,
                "cost": dice.choice(["", *Cost.values]), "age_min_months": low,
                "age_max_months": dice.choice([None, 48, 72, 216]), "opening_hours": hours(dice),
                "languages": codes(dice.sample(Language.values[:8], 2)),
                "access": codes(dice.sample(Access.values, 3)),
                "latitude": town.latitude + dice.uniform(-0.03, 0.03),
                "longitude": town.longitude + dice.uniform(-0.03, 0.03),
            })  # fmt: skip
        with transaction.atomic():
            copies(page_table, page, pages)
            copies(place_table, place, places)
            pks = [row["id"] for row in pages]
            for name, vocabulary in (("theme", self.themes), ("audience", self.audiences)):
                through = getattr(StructurePage, f"{name}s").through
                through.objects.bulk_create(
                    through(**{"structurepage_id": pk, f"{name}_id": word.pk})
                    for pk in pks
                    for word in dice.sample(vocabulary, 2)
                )
            french = self.model.locale_id
            Service.objects.bulk_create(
                Service(page_id=pk, name="Écoute", cost=dice.choice(Cost.values), locale_id=french) for pk in pks[::2]
            )
        index = index_model()._meta.db_table
        entry = row_of(index, "object_id", str(self.model.pk))
        del entry["id"]
        copies(index, entry, [{"object_id": str(pk)} for pk in pks])
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        self.count = size


def base36(number):
    digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    text = ""
    while number:
        number, rest = divmod(number, 36)
        text = digits[rest] + text
    return text.rjust(4, "0")


def codes(values):
    return f"|{'|'.join(values)}|"


# --- Measures --------------------------------------------------------------------------------------------------------


def measured(address):
    """Milliseconds of CPU and on the clock of one warm request, the best of some rounds; queries; results; bytes."""
    client = Client()
    answer = client.get(address)
    assert answer.status_code == 200, address
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(address)
        queries = len(captured)  # the log is emptied at the next request
    cpu, clock = [], []
    for _round in range(ROUNDS):
        before = time.process_time(), time.perf_counter()
        for _number in range(REQUESTS):
            client.get(address)
        cpu.append((time.process_time() - before[0]) / REQUESTS * 1000)
        clock.append((time.perf_counter() - before[1]) / REQUESTS * 1000)
    total = answer.context["total"] if answer.context else None
    return {
        "cpu": min(cpu), "ms": min(clock), "queries": queries, "total": total, "bytes": len(answer.content)
    }  # fmt: skip


def first_after_a_change(address):
    """The same for the request that reads everything anew."""
    client = Client()
    client.get(address)
    forget_memory()
    started = time.process_time()
    with CaptureQueriesContext(connection) as captured:
        client.get(address)
        return {"cpu": (time.process_time() - started) * 1000, "queries": len(captured)}


def say(**line):
    print(json.dumps(line), flush=True)


def main():
    call_command("migrate", verbosity=0)
    filler = Filler()
    with override_settings(ROOT_URLCONF=__name__, MIDDLEWARE=MIDDLEWARE):
        say(case="bare view", **measured("/"))
    for size in map(int, sys.argv[1:]):
        started = time.perf_counter()
        filler.fill_up_to(size)
        print(f"{size} places in {time.perf_counter() - started:.0f} s", file=sys.stderr, flush=True)
        forget_memory()
        for name, query in CASES.items():
            say(size=size, case=name, **measured(f"/annuaire/?{query}"))
        say(size=size, case="in Arabic, near a town", **measured("/ar/annuaire/?theme=theme-3&near=Ville+5"))
        say(size=size, case="the first after a change", **first_after_a_change("/annuaire/?ouvert=now"))
    say(done=datetime.now(UTC).isoformat())


if __name__ == "__main__":
    main()
