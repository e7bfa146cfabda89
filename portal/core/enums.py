"""Closed lists shared by structures, resources, events and activities. Codes are stored; labels are translated."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Cost(TextChoices):
    """What it costs to come. ``FREE`` is the value of the public filter ``cost=gratuit``."""

    FREE = "gratuit", _("Free")
    PAID = "payant", _("Paid")
    MEMBERSHIP = "adhesion", _("Free for members")
    INCOME = "selon-revenus", _("Price according to your income")


class Access(TextChoices):
    """What makes a place or an event easy to come to."""

    WHEELCHAIR = "fauteuil", _("Wheelchair access")
    PUSHCHAIR = "poussette", _("Pushchair access")
    HEARING_LOOP = "boucle-magnetique", _("Hearing loop")
    SIGN_LANGUAGE = "lsf", _("French sign language")
    EASY_TO_READ = "facile-a-lire", _("Easy-to-read documents")
    INTERPRETER = "interprete", _("Interpreter on request")
    WITHOUT_FRENCH = "sans-francais", _("You can come without speaking French")
    FATHERS = "peres", _("Fathers are welcome")
    CHILDCARE = "garde-sur-place", _("Childcare on site")
    WITHOUT_APPOINTMENT = "sans-rendez-vous", _("Without an appointment")


#: The pictogram of each: a symbol of ``static/img/sprite.svg``.
ACCESS_PICTOGRAMS: dict[str, str] = {
    Access.WHEELCHAIR: "wheelchair",
    Access.PUSHCHAIR: "stroller",
    Access.HEARING_LOOP: "ear",
    Access.SIGN_LANGUAGE: "hands",
    Access.EASY_TO_READ: "easy",
    Access.INTERPRETER: "bubble",
    Access.WITHOUT_FRENCH: "bubble",
    Access.FATHERS: "person",
    Access.CHILDCARE: "ball",
    Access.WITHOUT_APPOINTMENT: "check",
}
#: Of these, what the building has; the rest is how one is received.
OF_THE_BUILDING = frozenset({Access.WHEELCHAIR, Access.PUSHCHAIR, Access.HEARING_LOOP})


class Language(TextChoices):
    """Languages spoken on site or of a resource, ISO 639-1."""

    FRENCH = "fr", _("French")
    ENGLISH = "en", _("English")
    ARABIC = "ar", _("Arabic")
    ALBANIAN = "sq", _("Albanian")
    ARMENIAN = "hy", _("Armenian")
    BAMBARA = "bm", _("Bambara")
    BULGARIAN = "bg", _("Bulgarian")
    CHINESE = "zh", _("Chinese")
    DARI = "fa", _("Persian, Dari")
    DUTCH = "nl", _("Dutch")
    GEORGIAN = "ka", _("Georgian")
    GERMAN = "de", _("German")
    ITALIAN = "it", _("Italian")
    KURDISH = "ku", _("Kurdish")
    LINGALA = "ln", _("Lingala")
    PASHTO = "ps", _("Pashto")
    POLISH = "pl", _("Polish")
    PORTUGUESE = "pt", _("Portuguese")
    ROMANIAN = "ro", _("Romanian")
    RUSSIAN = "ru", _("Russian")
    SOMALI = "so", _("Somali")
    SPANISH = "es", _("Spanish")
    TIGRINYA = "ti", _("Tigrinya")
    TURKISH = "tr", _("Turkish")
    UKRAINIAN = "uk", _("Ukrainian")
    VIETNAMESE = "vi", _("Vietnamese")
    WOLOF = "wo", _("Wolof")


class PositionPrecision(TextChoices):
    """How exact a position is, after the kinds of result of the French address base."""

    HOUSE_NUMBER = "housenumber", _("At the door")
    STREET = "street", _("In the street")
    MUNICIPALITY = "municipality", _("Somewhere in the municipality")


class SchoolZone(TextChoices):
    """The three zones of French school holidays."""

    A = "A", _("Zone A (Lyon, Bordeaux…)")
    B = "B", _("Zone B (Lille, Marseille…)")
    C = "C", _("Zone C (Paris, Toulouse…)")


class PositionSource(TextChoices):
    EDITOR = "editeur", _("Placed by an editor")
    DIRECTORY = "annuaire", _("From an open directory")
    GEOCODER = "geocodeur", _("Found from the address")


class Pictogram(TextChoices):
    """Pictograms that a theme can carry: names of symbols in ``static/img/sprite.svg``."""

    STROLLER = "stroller", _("Pushchair")
    BELLY = "belly", _("Pregnancy")
    SCHOOL = "school", _("School")
    HEART = "heart", _("Heart")
    SCALES = "scales", _("Scales")
    HANDS = "hands", _("Hands")
    BALL = "ball", _("Ball")
    EAR = "ear", _("Ear")
    PATHS = "paths", _("Two paths")
    TEEN = "teen", _("Teenager")
    SCREEN = "screen", _("Screen")


#: How those who speak a language call it; the choices of ``Language``.
OWN_NAMES = {
    Language.FRENCH: "français",
    Language.ENGLISH: "English",
    Language.ARABIC: "العربية",
    Language.ALBANIAN: "shqip",
    Language.ARMENIAN: "հայերեն",
    Language.BAMBARA: "bamanankan",
    Language.BULGARIAN: "български",
    Language.CHINESE: "中文",
    Language.DARI: "فارسی",
    Language.DUTCH: "Nederlands",
    Language.GEORGIAN: "ქართული",
    Language.GERMAN: "Deutsch",
    Language.ITALIAN: "italiano",
    Language.KURDISH: "kurdî",
    Language.LINGALA: "lingála",
    Language.PASHTO: "پښتو",
    Language.POLISH: "polski",
    Language.PORTUGUESE: "português",
    Language.ROMANIAN: "română",
    Language.RUSSIAN: "русский",
    Language.SOMALI: "Soomaali",
    Language.SPANISH: "español",
    Language.TIGRINYA: "ትግርኛ",
    Language.TURKISH: "Türkçe",
    Language.UKRAINIAN: "українська",
    Language.VIETNAMESE: "Tiếng Việt",
    Language.WOLOF: "Wolof",
}
