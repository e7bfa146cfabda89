"""The words of data.inclusion v1 and ours, and how one becomes the other: what imports and exports share.

Schemas and reference lists: https://github.com/gip-inclusion/data-inclusion-schema (``schemas/v1``). Their lists are
longer than ours: what an import reads is also kept under its own name in the column ``extra``
(:func:`kept_of_service`), so that the next export says it again, as long as it still agrees with what editors have made
of the sheet (:func:`codes`). Hours are in :mod:`directory.inclusion_hours`.

Nothing here knows the database: records are plain dicts, words are codes.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator

from .networks import NETWORKS

SEPARATOR = "--"
_url = URLValidator(schemes=["http", "https"])

# --- Reference lists, in the order of the schemas --------------------------------------------------------------------

#: *thematiques*, with the code of our theme that is closest; ``""`` where parents' portals have none.
THEMES: dict[str, str] = {
    "choisir-un-metier--confirmer-son-choix-de-metier": "",
    "choisir-un-metier--connaitre-les-opportunites-demploi": "",
    "choisir-un-metier--decouvrir-un-metier-ou-un-secteur-dactivite": "",
    "choisir-un-metier--identifier-ses-points-forts-et-ses-competences": "",
    "creer-une-entreprise--definir-son-projet-de-creation-dentreprise": "",
    "creer-une-entreprise--developper-son-entreprise": "",
    "creer-une-entreprise--structurer-son-projet-de-creation-dentreprise": "",
    "difficultes-administratives-ou-juridiques--accompagnement-aux-demarches-administratives": "droits",
    "difficultes-administratives-ou-juridiques--accompagnement-pour-lacces-a-la-citoyennete": "droits",
    "difficultes-administratives-ou-juridiques--accompagnement-pour-lacces-aux-droits": "droits",
    "difficultes-administratives-ou-juridiques--beneficier-dune-mesure-daccompagnement-adapte": "droits",
    "difficultes-administratives-ou-juridiques--connaitre-ses-droits-face-a-une-discrimination": "droits",
    "difficultes-administratives-ou-juridiques--prendre-en-compte-une-problematique-judiciaire": "droits",
    "difficultes-financieres--acquerir-une-autonomie-budgetaire": "droits",
    "difficultes-financieres--ameliorer-sa-gestion-budgetaire": "droits",
    "difficultes-financieres--mettre-en-place-une-mesure-de-protection-financiere": "droits",
    "difficultes-financieres--prevenir-une-degradation-de-la-situation-financiere": "droits",
    "difficultes-financieres--situation-dendettement-surendettement": "droits",
    "equipement-et-alimentation--aide-menagere": "",
    "equipement-et-alimentation--alimentation": "",
    "equipement-et-alimentation--electromenager": "",
    "equipement-et-alimentation--habillement": "",
    "famille--garde-denfants": "garde-d-enfants",
    "famille--prise-en-charge-personne-dependante": "handicap",
    "famille--soutien-a-la-parentalite-et-a-leducation": "ecoute",
    "famille--soutien-aidants": "handicap",
    "famille--surmonter-conflits-separation-violence": "separation",
    "lecture-ecriture-calcul--maitriser-le-calcul": "",
    "lecture-ecriture-calcul--maitriser-le-francais": "",
    "logement-hebergement--acheter-un-logement": "droits",
    "logement-hebergement--changer-de-logement": "droits",
    "logement-hebergement--louer-un-logement": "droits",
    "logement-hebergement--rechercher-une-solution-dhebergement-temporaire": "droits",
    "logement-hebergement--reduire-les-impayes-de-loyer": "droits",
    "logement-hebergement--se-maintenir-dans-le-logement": "droits",
    "logement-hebergement--sinformer-sur-les-demarches-liees-a-lacces-au-logement": "droits",
    "mobilite--acceder-a-un-vehicule": "",
    "mobilite--entretenir-reparer-son-vehicule": "",
    "mobilite--etre-accompagne-dans-son-parcours-mobilite": "",
    "mobilite--financer-ma-mobilite": "",
    "mobilite--preparer-un-permis": "",
    "mobilite--mobilite-douce-partagee-collective": "",
    "numerique--acceder-a-des-services-en-ligne": "numerique",
    "numerique--acceder-a-une-connexion-internet": "numerique",
    "numerique--acquerir-un-equipement": "numerique",
    "numerique--maitriser-les-fondamentaux-du-numerique": "numerique",
    "preparer-sa-candidature--developper-son-reseau": "",
    "preparer-sa-candidature--organiser-ses-demarches-de-recherche-demploi": "",
    "preparer-sa-candidature--realiser-un-cv-et-ou-une-lettre-de-motivation": "",
    "preparer-sa-candidature--valoriser-ses-competences": "",
    "remobilisation--activites-sportives-et-culturelles": "loisirs",
    "remobilisation--benevolat-action-citoyenne": "loisirs",
    "remobilisation--bien-etre-confiance-en-soi": "ecoute",
    "remobilisation--lien-social": "loisirs",
    "sante--acces-aux-soins": "sante",
    "sante--addictions": "sante",
    "sante--constituer-un-dossier-mdph-invalidite": "handicap",
    "sante--sante-mentale": "sante",
    "sante--sante-sexuelle": "sante",
    "se-former--monter-son-dossier-de-formation": "",
    "se-former--trouver-sa-formation": "",
    "souvrir-a-linternational--connaitre-les-opportunites-demploi-a-letranger": "",
    "souvrir-a-linternational--sinformer-sur-les-aides-pour-travailler-a-letranger": "",
    "souvrir-a-linternational--sorganiser-suite-a-son-retour-en-france": "",
    "trouver-un-emploi--convaincre-un-recruteur-en-entretien": "",
    "trouver-un-emploi--faire-des-candidatures-spontanees": "",
    "trouver-un-emploi--maintien-dans-lemploi": "",
    "trouver-un-emploi--repondre-a-des-offres-demploi": "",
    "trouver-un-emploi--suivre-ses-candidatures-et-relancer-les-employeurs": "",
}
#: Our themes, as a *thematique* where no import said which one.
THEME_CODES: dict[str, str] = {
    "garde-d-enfants": "famille--garde-denfants",
    "grossesse-et-naissance": "famille--soutien-a-la-parentalite-et-a-leducation",
    "scolarite": "famille--soutien-a-la-parentalite-et-a-leducation",
    "sante": "sante--acces-aux-soins",
    "droits": "difficultes-administratives-ou-juridiques--accompagnement-pour-lacces-aux-droits",
    "handicap": "famille--soutien-aidants",
    "loisirs": "remobilisation--activites-sportives-et-culturelles",
    "ecoute": "famille--soutien-a-la-parentalite-et-a-leducation",
    "separation": "famille--surmonter-conflits-separation-violence",
    "adolescence": "famille--soutien-a-la-parentalite-et-a-leducation",
    "numerique": "numerique--maitriser-les-fondamentaux-du-numerique",
}

#: *publics*, with the code of our audience that is closest. ``tous-publics`` stands alone: no audience at all.
EVERYBODY = "tous-publics"
AUDIENCES: dict[str, str] = {
    EVERYBODY: "",
    "actifs": "",
    "beneficiaires-des-minimas-sociaux": "",
    "demandeurs-emploi": "",
    "etudiants": "jeunes-16-25-ans",
    "familles": "familles",
    "femmes": "",
    "jeunes": "jeunes-16-25-ans",
    "personnes-en-situation-de-handicap": "",
    "personnes-en-situation-durgence": "",
    "personnes-en-situation-juridique-specifique": "",
    "personnes-exilees": "",
    "residents-qpv-frr": "",
    "seniors": "seniors",
}
#: Our audiences, as a *public*.
AUDIENCE_CODES: dict[str, str] = {
    "futurs-parents": "familles",
    "parents": "familles",
    "0-3-ans": "familles",
    "3-5-ans": "familles",
    "6-11-ans": "familles",
    "12-17-ans": "jeunes",
    "jeunes-16-25-ans": "jeunes",
    "familles": "familles",
    "seniors": "seniors",
}

#: *type* of a service: these are kinds of ours too.
TYPES = ("accompagnement", "aide-financiere", "aide-materielle", "atelier", "formation", "information")
#: Our other kinds of service; what has no type there is left empty.
KIND_TYPES: dict[str, str] = {
    **{code: code for code in TYPES},
    "accueil": "information",
    "aide-administrative": "accompagnement",
    "apprentissage": "formation",
    "loisirs": "atelier",
}

#: A kind of place that is the network itself.
KIND_NETWORKS: dict[str, str] = {
    "caf": "caf",
    "ccas": "ccas-cias",
    "cidff": "cidff",
    "mairie": "communes",
    "cpam": "cpam",
    "departement": "departements",
    "mission-locale": "mission-locale",
    "info-jeunesse": "reseau-information-jeunesse",
}
#: The kind of place that a network tells of; the first that a record names decides.
NETWORK_KINDS: dict[str, str] = {
    **{network: kind for kind, network in KIND_NETWORKS.items()},
    "fcsf": "centre-social",
    "points-justice": "acces-au-droit",
    "mdph": "handicap",
    "maison-departementale-de-lautonomie": "handicap",
    "esat": "handicap",
    "maisons-des-solidarites": "departement",
    "cms": "departement",
    "cmp": "sante",
    "chu": "sante",
    "csapa": "sante",
    "caarud": "sante",
    "creches-avip": "creche",
    "france-travail": "emploi",
    "cap-emploi-reseau-cheops": "emploi",
    "plie": "emploi",
    "maisons-de-l-emploi": "emploi",
    "action-logement": "logement",
    "chrs": "logement",
    "siao": "logement",
    "residences-fjt": "logement",
    "espaces-publics-numeriques": "numerique",
    "conseillers-numeriques": "numerique",
    "mjc": "association",
    "banques-alimentaires": "association",
    "croix-rouge": "association",
    "emmaus": "association",
    "restos-du-coeur": "association",
    "secours-populaire": "association",
    "unaf": "association",
}
OTHER_KIND = "autre"

#: *frais*: our costs, and the words of *frais_precisions* that tell two paid ones apart.
COSTS: dict[str, str] = {"gratuit": "gratuit", "payant": "payant", "adhesion": "payant", "selon-revenus": "payant"}
COST_WORDS: dict[str, str] = {"adhesion": "Gratuit pour les adhérents", "selon-revenus": "Tarif selon les revenus"}

#: Fields of a service that the portal has no column for, or a coarser one: an import keeps them as they are.
KEPT_OF_SERVICES = (
    "thematiques",
    "publics",
    "zone_eligibilite",
    "nombre_semaines",
    "volume_horaire_hebdomadaire",
)
#: A service may be elsewhere than its structure; ours are at the structure's address, unless they say otherwise.
PLACE = ("commune", "code_insee", "code_postal", "adresse", "complement_adresse", "longitude", "latitude")


# --- Identity: ``source--localid`` -----------------------------------------------------------------------------------


def identity(source: str, local_id: str) -> str:
    """The identifier of a row in all of data.inclusion; ``local_id`` may be the whole identifier already."""
    prefix = f"{source}{SEPARATOR}"
    return local_id if local_id.startswith(prefix) else f"{prefix}{local_id}"


def local_id(source: str, identifier: str) -> str:
    """What the source itself calls a row: ``dora--17`` of the source ``dora`` is ``17``."""
    return identifier.removeprefix(f"{source}{SEPARATOR}")


def source_of(identifier: str) -> str:
    """The source that an identifier names, ``""`` for none."""
    source, found, _rest = identifier.partition(SEPARATOR)
    return source if found else ""


# --- Lists of codes --------------------------------------------------------------------------------------------------


def themes_of(codes: Iterable[str] | None) -> list[str]:
    """Codes of our themes that some *thematiques* are about."""
    return _translated(codes, THEMES)


def audiences_of(codes: Iterable[str] | None) -> list[str]:
    """Codes of our audiences that some *publics* are; ``[]`` for everybody."""
    return _translated(codes, AUDIENCES)


def _translated(codes: Iterable[str] | None, table: Mapping[str, str]) -> list[str]:
    return list(dict.fromkeys(ours for code in codes or () if (ours := table.get(code))))


def thematiques(themes: Collection[str], kept: Iterable[str] | None, vocabulary: Collection[str]) -> list[str]:
    """*thematiques* of our themes; see :func:`codes`."""
    return codes(themes, kept, vocabulary, theirs=THEMES, ours=THEME_CODES)


def publics(audiences: Collection[str], kept: Iterable[str] | None, vocabulary: Collection[str]) -> list[str]:
    """*publics* of our audiences: ``tous-publics`` alone for a service that names none; see :func:`codes`."""
    found = codes(audiences, [code for code in kept or () if code != EVERYBODY], vocabulary, AUDIENCES, AUDIENCE_CODES)
    return found or ([] if audiences else [EVERYBODY])


def codes(
    words: Collection[str],
    kept: Iterable[str] | None,
    vocabulary: Collection[str],
    theirs: Mapping[str, str],
    ours: Mapping[str, str],
) -> list[str]:
    """Their codes for words of ours, in the order of their list.

    What an import ``kept`` comes first: it is more precise. But a code whose word an editor took off the sheet goes
    (unless this portal's ``vocabulary`` has no such word), and a word that none of the codes stands for adds its own.
    """
    found = {
        code
        for code in kept or ()
        if code in theirs and (not theirs[code] or theirs[code] in words or theirs[code] not in vocabulary)
    }
    said = {theirs[code] for code in found}
    found |= {ours[word] for word in words if word in ours and word not in said}
    return [code for code in theirs if code in found]


def networks(kind: str, named: Iterable[str]) -> list[str]:
    """*reseaux_porteurs* of a place."""
    found = {*named, KIND_NETWORKS.get(kind, "")}
    return [code for code, _name in NETWORKS if code in found]


def kind_of(named: Iterable[str] | None) -> str:
    """Our kind of a place that these networks run; ``autre`` when they do not tell."""
    return next((NETWORK_KINDS[network] for network in named or () if network in NETWORK_KINDS), OTHER_KIND)


# --- Costs -----------------------------------------------------------------------------------------------------------


def frais(cost: str, note: str) -> tuple[str | None, str | None]:
    """*frais* and *frais_precisions* of a cost and the words about it."""
    words = [part for part in (COST_WORDS.get(cost, ""), note.strip()) if part]
    return COSTS.get(cost), " : ".join(words) or None


def cost_of(code: str | None, words: str | None) -> tuple[str, str]:
    """A cost of ours and the words about it, from *frais* and *frais_precisions*; ``("", "")`` when unknown."""
    note = (words or "").strip()
    for cost, phrase in COST_WORDS.items():
        if code == COSTS[cost] and (note == phrase or note.startswith(f"{phrase} : ")):
            return cost, note.removeprefix(phrase).removeprefix(" : ")
    return (code if code in COSTS else "") or "", note


# --- Texts -----------------------------------------------------------------------------------------------------------

#: Characters of a summary; a longer first paragraph belongs to the description.
MAX_SUMMARY = 300
MAX_DESCRIPTION = 10_000
#: Characters of the words that say when a service is given.
MAX_SCHEDULE = 300
BETWEEN_WORDS = " – "
PARAGRAPH = "\n\n"


def joined_description(summary: str, description: str) -> str:
    """One *description* of our two texts, which :func:`split_description` takes apart again."""
    parts = [_plain(text) for text in (summary, description)]
    return PARAGRAPH.join(part for part in parts if part)[:MAX_DESCRIPTION].rstrip()


def split_description(text: str | None) -> tuple[str, str]:
    """Summary and description of a *description*: its first paragraph, if it is short, and the rest."""
    whole = _plain(text or "")
    first, _separator, rest = whole.partition(PARAGRAPH)
    return (first.rstrip(), rest.lstrip()) if len(first.rstrip()) <= MAX_SUMMARY else ("", whole)


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def joined_schedule(schedule: str, hours_text: str) -> str:
    """The hours of a service in words, which :func:`split_schedule` takes apart again."""
    return BETWEEN_WORDS.join(part for part in (schedule.strip(), hours_text.strip()) if part)


def split_schedule(words: str) -> tuple[str, str]:
    """``(schedule, hours_text)`` of the hours of a service in words: as its schedule where they are short enough."""
    if len(words) <= MAX_SCHEDULE:
        return words, ""
    first, _separator, rest = words.partition(BETWEEN_WORDS)
    return (first, rest) if rest and len(first) <= MAX_SCHEDULE else ("", words)


def is_url(text: Any) -> bool:
    """A web address that our columns accept."""
    try:
        _url(text)
    except ValidationError:
        return False
    return True


# --- What is kept ----------------------------------------------------------------------------------------------------


def kept_of_structure(record: Mapping[str, Any]) -> dict[str, Any]:
    """What ``extra`` must hold of a structure, so that its export says as much as the record does."""
    extra = {}
    if record.get("id") and record.get("source") and not str(record["id"]).startswith(f"{record['source']}{SEPARATOR}"):
        extra["id"] = record["id"]
    if (link := record.get("lien_source")) and not is_url(link):
        extra["lien_source"] = link  # a host without a domain, as on one's own machine: no column takes it
    return extra


def kept_of_service(record: Mapping[str, Any], structure: Mapping[str, Any]) -> dict[str, Any]:
    """What ``extra`` must hold of a service: its lists as they are, and its place where it is not the structure's."""
    extra = {name: record[name] for name in KEPT_OF_SERVICES if record.get(name) not in (None, "", [])}
    if "publics" in record and not record["publics"]:
        extra["publics"] = None  # not said: something else than everybody
    extra |= {name: record[name] for name in PLACE if name in record and record[name] != structure.get(name)}
    if record.get("source") and record["source"] != source_of(str(record.get("id", ""))):
        extra["source"] = record["source"]
    return extra
