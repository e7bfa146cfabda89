"""The national standard of places of digital help (*lieux de médiation numérique*), CSV or JSON, old and new columns.

Schema: https://schema.data.gouv.fr/LaMednum/standard-mediation-num/. Older files separate values by ``;``.
"""

from functools import cache

from .mappings import ColumnMapping, parse

_RULES = {
    "name": "mediation-numerique",
    "label": "Lieux de médiation numérique (schéma national)",
    "licence": "Licence Ouverte 2.0",
    "id": ["id"],
    "source_column": "source",
    "required": ["adresse", "commune"],
    "constants": {"themes": ["numerique"], "kind": "numerique"},
    "field": [
        {"to": "title", "from": ["nom"]},
        {
            "to": "kind",
            "from": ["typologie"],
            "split": "|;",
            "values": {
                "ASSO": "association",
                "BIB": "mediatheque",
                "MEDIATHEQUE": "mediatheque",
                "CAF": "caf",
                "CCAS": "ccas",
                "CIAS": "ccas",
                "CIDFF": "cidff",
                "CPAM": "cpam",
                "CS": "centre-social",
                "DEPT": "departement",
                "UDAF": "association",
                "CMS": "departement",
                "ML": "mission-locale",
                "MUNI": "mairie",
                "BIJ": "info-jeunesse",
                "PIJ": "info-jeunesse",
                "PIJ_BIJ": "info-jeunesse",
                "LUDO": "ludotheque",
                "PE": "emploi",
                "FT": "emploi",
                "PIMMS": "association",
                "MJC": "association",
                "MPT": "centre-social",
                "MQ": "centre-social",
                "PMI": "pmi",
                "RFS": "numerique",
                "TIERS_LIEUX": "numerique",
                "EPN": "numerique",
            },
        },
        {"to": "summary", "from": ["presentation_resume"]},
        {"to": "description", "from": ["presentation_detail"]},
        {"to": "description", "from": ["services"], "split": "|;", "join": "\n", "prefix": "Sur place : "},
        {
            "to": "audiences",
            "from": ["publics_specifiquement_adresses", "publics_accueillis"],
            "split": "|;",
            "values": {
                "Jeunes": "jeunes-16-25-ans",
                "Jeunes (16-26 ans)": "jeunes-16-25-ans",
                "Étudiants": "jeunes-16-25-ans",
                "Familles et/ou enfants": "familles",
                "Familles/enfants": "familles",
                "Seniors": "seniors",
                "Seniors (+ 65 ans)": "seniors",
            },
        },
        {
            "to": "cost",
            "from": ["frais_a_charge", "conditions_acces"],
            "split": "|;",
            "values": {
                "Gratuit": "gratuit",
                "Gratuit : Je peux accéder gratuitement au lieu et à ses services": "gratuit",
                "Payant": "payant",
                "Payant : L'accès au lieu et/ou à ses services est payant": "payant",
                "Adhésion : L'accès au lieu et/ou à ses services nécessite d'y adhérer": "adhesion",
            },
        },
        {"to": "cost_note", "from": ["frais_a_charge", "conditions_acces"], "split": "|;", "join": " ; "},
        {
            "to": "networks",
            "from": ["dispositif_programmes_nationaux", "labels_nationaux"],
            "split": "|;",
            "values": {
                "Aidants Connect": "aidants-connect",
                "Conseillers numériques": "conseillers-numeriques",
                "CNFS": "conseillers-numeriques",
                "France Services": "france-service",
                "La Croix Rouge": "croix-rouge",
                "Emmaüs Connect": "emmaus",
            },
        },
        {
            "to": "languages",
            "from": ["prise_en_charge_specifique"],
            "split": "|;",
            "values": {"Langues étrangères (anglais)": "en"},
        },
        {"to": "phone", "from": ["telephone"]},
        {"to": "email", "from": ["courriels", "courriel"]},
        {"to": "website", "from": ["site_web"]},
        {"to": "siret", "from": ["pivot"]},
        {"to": "hours", "from": ["horaires"]},
        {
            "to": "access_conditions",
            "from": ["modalites_acces", "modalites_accompagnement"],
            "split": "|;",
            "join": "\n",
        },
        {
            "to": "access_conditions",
            "from": ["prise_en_charge_specifique"],
            "split": "|;",
            "join": ", ",
            "prefix": "Accueil adapté : ",
        },
        {"to": "acceslibre_url", "from": ["fiche_acces_libre"]},
        {"to": "address", "from": ["adresse"]},
        {"to": "address_complement", "from": ["complement_adresse"]},
        {"to": "postcode", "from": ["code_postal"]},
        {"to": "insee", "from": ["code_insee"]},
        {"to": "town", "from": ["commune"]},
        {"to": "latitude", "from": ["latitude"]},
        {"to": "longitude", "from": ["longitude"]},
        {"to": "source_updated_on", "from": ["date_maj"]},
    ],
}


@cache
def mapping() -> ColumnMapping:
    return parse(_RULES)
