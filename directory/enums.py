"""Closed lists of the directory. Codes are French words: they stand in public addresses (``?kind=creche``)."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class StructureKind(TextChoices):
    SOCIAL_CENTRE = "centre-social", _("Social centre")
    NURSERY = "creche", _("Nursery")
    CHILDMINDER_CENTRE = "relais-petite-enfance", _("Childminders’ centre (RPE)")
    PARENT_CHILD_PLACE = "laep", _("Parent and child meeting place (LAEP)")
    MOTHER_CHILD_HEALTH = "pmi", _("Mother and child health centre (PMI)")
    TOY_LIBRARY = "ludotheque", _("Toy library")
    LIBRARY = "mediatheque", _("Library")
    LEISURE_CENTRE = "accueil-de-loisirs", _("Holiday and Wednesday club")
    HOMEWORK_HELP = "aide-aux-devoirs", _("Homework help (CLAS)")
    TOWN_HALL = "mairie", _("Town hall")
    FAMILY_BENEFITS = "caf", _("Family benefits office (CAF)")
    HEALTH_INSURANCE = "cpam", _("Health insurance office (CPAM)")
    SOCIAL_AID = "ccas", _("Town social services (CCAS)")
    COUNTY = "departement", _("County social services")
    YOUTH_INFORMATION = "info-jeunesse", _("Youth information")
    YOUTH_EMPLOYMENT = "mission-locale", _("Youth employment office (mission locale)")
    FAMILY_INFORMATION = "point-info-famille", _("Family information point")
    WOMEN_RIGHTS = "cidff", _("Women’s and families’ rights (CIDFF)")
    LEGAL_ADVICE = "acces-au-droit", _("Free legal advice")
    COURT = "tribunal", _("Court")
    FAMILY_MEDIATION = "mediation-familiale", _("Family mediation")
    FAMILY_PLANNING = "planning-familial", _("Family planning")
    HEALTH = "sante", _("Health")
    DISABILITY = "handicap", _("Disability")
    EMPLOYMENT = "emploi", _("Employment")
    HOUSING = "logement", _("Housing")
    DIGITAL = "numerique", _("Digital help")
    ASSOCIATION = "association", _("Association")
    FEDERATION = "federation", _("Federation")
    OTHER = "autre", _("Other place")


class ServiceKind(TextChoices):
    """What a service does, after the types of data.inclusion's services."""

    WELCOME = "accueil", _("Reception")
    SUPPORT = "accompagnement", _("Support")
    MONEY = "aide-financiere", _("Financial help")
    THINGS = "aide-materielle", _("Food, clothes, furniture")
    WORKSHOP = "atelier", _("Workshop")
    CHILDCARE = "garde", _("Child care")
    INFORMATION = "information", _("Information")
    PAPERWORK = "aide-administrative", _("Help with paperwork")
    HEALTH = "sante", _("Health care")
    LEISURE = "loisirs", _("Leisure")
    LEARNING = "apprentissage", _("Learning")
    TRAINING = "formation", _("Training")


class WelcomeMode(TextChoices):
    """Where one gets a service (*modes_accueil* of data.inclusion)."""

    ON_SITE = "en-presentiel", _("On site")
    REMOTE = "a-distance", _("By telephone or on the internet")


class WayIn(TextChoices):
    """How one comes in (*modes_mobilisation* of data.inclusion)."""

    VISIT = "se-presenter", _("Come in person")
    PHONE = "telephoner", _("Call")
    MAIL = "envoyer-un-courriel", _("Write an e-mail")
    LINK = "utiliser-lien-mobilisation", _("Fill in the form on the internet")


class Referrer(TextChoices):
    """Who may ask for a service (*mobilisable_par* of data.inclusion)."""

    EVERYBODY = "usagers", _("Everybody, without an intermediary")
    PROFESSIONALS = "professionnels", _("A professional, for you")


class ResourceKind(TextChoices):
    ARTICLE = "article", _("Article")
    LEAFLET = "leaflet", _("Leaflet to print")
    LINK = "link", _("Useful site")
    VIDEO = "video", _("Video")


#: The pictogram of a kind of resource.
RESOURCE_PICTOGRAMS: dict[str, str] = {
    ResourceKind.ARTICLE: "article",
    ResourceKind.LEAFLET: "print",
    ResourceKind.LINK: "external",
    ResourceKind.VIDEO: "play",
}
