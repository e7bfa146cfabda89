"""The words of data.inclusion and ours: each table is whole, and what comes in goes out the same."""

import json
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory import inclusion
from directory.enums import Referrer, ServiceKind, StructureKind, WayIn, WelcomeMode
from directory.inclusion_hours import Hours, join, split
from directory.networks import NETWORKS
from home.demo.records import records
from portal.core.enums import Cost
from portal.core.hours import parse

SCHEMAS = Path(__file__).parents[2].parent / "shared" / "data" / "places" / "data_inclusion_v1"
needs_schemas = pytest.mark.skipif(
    not SCHEMAS.is_dir(), reason="only on a machine with the open data of ../shared/data/places"
)


def enum_of(schema, name):
    return set(json.loads((SCHEMAS / f"{schema}.json").read_text(encoding="utf-8"))["$defs"][name]["enum"])


@needs_schemas
@pytest.mark.parametrize(
    ("schema", "name", "ours"),
    [
        ("service", "Thematique", inclusion.THEMES),
        ("service", "Public", inclusion.AUDIENCES),
        ("service", "TypeService", inclusion.TYPES),
        ("service", "Frais", inclusion.COSTS.values()),
        ("service", "ModeAccueil", WelcomeMode.values),
        ("service", "ModeMobilisation", WayIn.values),
        ("service", "PersonneMobilisatrice", Referrer.values),
        ("structure", "ReseauPorteur", dict(NETWORKS)),
    ],
)
def test_tables_hold_the_reference_lists(schema, name, ours):
    assert set(ours) == enum_of(schema, name)


def test_tables_name_only_words_that_exist():
    themes = {record["slug"] for record in records("theme", "vocabularies")}
    audiences = {record["slug"] for record in records("audience", "vocabularies")}
    assert set(inclusion.THEME_CODES) == themes
    assert set(inclusion.THEMES.values()) - {""} <= themes
    assert set(inclusion.THEME_CODES.values()) <= set(inclusion.THEMES)
    assert audiences - set(inclusion.AUDIENCE_CODES) == {"professionnels"}
    assert set(inclusion.AUDIENCES.values()) - {""} <= audiences
    assert set(inclusion.AUDIENCE_CODES.values()) <= set(inclusion.AUDIENCES)
    assert set(inclusion.KIND_TYPES) <= set(ServiceKind.values)
    assert set(inclusion.KIND_TYPES.values()) == set(inclusion.TYPES)
    assert set(inclusion.KIND_NETWORKS) | set(inclusion.NETWORK_KINDS.values()) <= set(StructureKind.values)
    assert set(inclusion.NETWORK_KINDS) <= set(dict(NETWORKS))
    assert set(inclusion.COSTS) == set(Cost.values)


def test_a_kind_that_is_a_network_comes_back():
    for kind in inclusion.KIND_NETWORKS:
        assert inclusion.kind_of(inclusion.networks(kind, [])) == kind
    assert inclusion.kind_of(None) == "autre"


# --- Codes -----------------------------------------------------------------------------------------------------------

VOCABULARY = sorted(inclusion.THEME_CODES)


@given(st.lists(st.sampled_from(sorted(inclusion.THEMES)), unique=True))
def test_thematiques_survive_an_import(codes):
    ours = inclusion.themes_of(codes)
    assert sorted(inclusion.thematiques(ours, codes, VOCABULARY)) == sorted(codes)
    # Also where the portal has no such themes.
    assert sorted(inclusion.thematiques([], codes, [])) == sorted(codes)


@given(st.sets(st.sampled_from(VOCABULARY)))
def test_our_themes_are_stable_once_exported(words):
    exported = inclusion.thematiques(words, None, VOCABULARY)
    assert inclusion.thematiques(inclusion.themes_of(exported), exported, VOCABULARY) == exported


def test_what_an_editor_changes_changes_the_codes():
    kept = ["numerique--acquerir-un-equipement", "sante--addictions", "mobilite--preparer-un-permis"]
    assert inclusion.thematiques(["sante"], kept, VOCABULARY) == ["mobilite--preparer-un-permis", "sante--addictions"]
    assert inclusion.thematiques(["sante", "separation"], kept, VOCABULARY) == [
        "famille--surmonter-conflits-separation-violence",
        "mobilite--preparer-un-permis",
        "sante--addictions",
    ]


def test_everybody_stands_alone():
    assert inclusion.publics([], None, ["familles"]) == ["tous-publics"]
    assert inclusion.publics([], ["tous-publics"], ["familles"]) == ["tous-publics"]
    assert inclusion.publics([], ["femmes"], ["familles"]) == ["femmes"]
    assert inclusion.publics(["parents"], ["tous-publics"], ["familles"]) == ["familles"]
    assert inclusion.publics(["professionnels"], None, ["familles"]) == []


@pytest.mark.parametrize("cost", ["", *Cost.values])
@pytest.mark.parametrize("note", ["", "2 € par famille", "10 € : l’année"])
def test_costs_survive(cost, note):
    assert inclusion.cost_of(*inclusion.frais(cost, note)) == (cost, note)


def test_identities():
    assert inclusion.identity("dora", "17") == inclusion.identity("dora", "dora--17") == "dora--17"
    assert inclusion.local_id("dora", "dora--ccas--17") == "ccas--17"
    assert inclusion.source_of("dora--ccas--17") == "dora"
    assert inclusion.source_of("17") == ""


# --- Hours -----------------------------------------------------------------------------------------------------------

WEEK = "Mo-Fr 09:00-12:00,14:00-18:00; PH off"


@pytest.mark.parametrize(
    ("hours", "text"),
    [
        (Hours(), ""),
        (Hours(WEEK), WEEK),
        (Hours(WEEK, "off"), "Mo-Fr 09:00-12:00,14:00-18:00; SH off; PH off"),
        (
            Hours(WEEK, "Mo 10:00-12:00"),
            "Mo-Fr 09:00-12:00,14:00-18:00; SH off; SH Mo 10:00-12:00; PH off",
        ),
        (
            Hours("Mo 09:00-12:00", closed_from=date(2026, 12, 24), closed_until=date(2027, 1, 3), notice="Travaux"),
            'Mo 09:00-12:00; 2026 Dec 24-2027 Jan 03 off "Travaux"',
        ),
        (Hours("Mo 09:00-12:00", closed_from=date(2026, 12, 24)), "Mo 09:00-12:00; 2026 Dec 24+ off"),
        (
            Hours("Mo 09:00-12:00", closed_from=date(2026, 12, 24), closed_until=date(2026, 12, 24)),
            "Mo 09:00-12:00; 2026 Dec 24 off",
        ),
        (Hours("Mo 09:00-12:00", hours_text="un samedi sur deux"), 'Mo 09:00-12:00 || "un samedi sur deux"'),
        (Hours(hours_text="sur rendez-vous"), '"sur rendez-vous"'),
    ],
)
def test_hours_as_one_text_and_back(hours, text):
    assert join(hours) == text
    assert split(text) == hours
    assert not text or parse(text) is not None


@pytest.mark.parametrize(
    "text",
    [
        "Mo-Fr 09:00-12:00; SH Mo 10:00-12:00",
        "SH off; Mo-Fr 09:00-12:00",
        "2026 Feb 31 off; Mo 09:00-12:00",
        "Mo-Fr 09:00-12:00 open; Sa 10:00-12:00 unknown",
        'Mo 09:00-12:00 "fermé ; parfois"; Tu off',
    ],
)
def test_what_can_not_be_told_apart_stays_whole(text):
    assert join(split(text)) == text


def test_what_no_machine_reads_is_shown_as_words():
    assert split("lundi et mardi 9h-12h") == Hours(hours_text="lundi et mardi 9h-12h")
    assert join(split('lundi « "9h" »')) == '"lundi « ”9h” »"'


@given(st.text(max_size=40))
def test_any_text_is_stable_once_exported(text):
    once = join(split(text))
    assert join(split(once)) == once
