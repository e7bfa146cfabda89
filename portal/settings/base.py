"""Settings common to every use. The environment is read here, once; applications are named as strings only."""

from pathlib import Path

from django.utils.translation import gettext_lazy as _

from .environment import cache_from, database_from, email_from, env, search_from

BASE_DIR = Path(__file__).resolve().parents[2]
VAR_DIR = BASE_DIR / "var"
VAR_DIR.mkdir(exist_ok=True)

DEBUG = False
SECRET_KEY = env.str("SECRET_KEY", "")
ALLOWED_HOSTS: list[str] = env.list("ALLOWED_HOSTS", default=[])
SITE_URL = env.str("SITE_URL", "http://127.0.0.1:8000").rstrip("/")
WAGTAILADMIN_BASE_URL = SITE_URL

# --- Applications: one line each, from the top floor down ------------------------------------------------------------
INSTALLED_APPS = [
    "home",
    "search",
    "events",
    "directory",
    "glossary",
    "portal.moderation",
    "portal.core",
    "portal.images",
    "portal.users",
    "wagtail_localize",
    "wagtail_localize.locales",
    "wagtail.contrib.redirects",
    "wagtail.contrib.settings",
    "wagtail.embeds",
    "wagtail.sites",
    "wagtail.users",
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.admin",
    "wagtail",
    "modelcluster",
    "taggit",
    "django_tasks",
    "django_tasks_db",
    "post_office",
    "csp",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
]

MIDDLEWARE = [
    "portal.core.page_cache.PageCache",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "portal.core.middleware.SecurityHeaders",
    "portal.core.middleware.RefuseNullBytes",
    "portal.core.middleware.ForgetPosition",
    "portal.core.middleware.SiteOfRequest",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "wagtail.contrib.redirects.middleware.RedirectMiddleware",
]

ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "portal" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.debug",
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "wagtail.contrib.settings.context_processors.settings",
                "portal.core.context_processors.frame",
            ],
        },
    },
]

# --- Data ------------------------------------------------------------------------------------------------------------
DATABASES = {"default": database_from(env, VAR_DIR / "portal.sqlite3")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {"default": cache_from(env, VAR_DIR / "cache")}
# Whole pages for readers who are nobody in particular; the folder also holds the version that all processes share.
PAGE_CACHE = True
PAGE_CACHE_FOLDER = env.str("PAGE_CACHE_FOLDER", str(VAR_DIR / "pages"))
AUTH_USER_MODEL = "users.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000  # the page editor of a long page sends thousands

# --- Languages: French is the source of every page; one more language is one more line -------------------------------
LANGUAGE_CODE = "fr"
LANGUAGES = [("fr", _("French")), ("en", _("English")), ("ar", _("Arabic"))]
WAGTAIL_CONTENT_LANGUAGES = LANGUAGES
WAGTAILADMIN_PERMITTED_LANGUAGES = [("fr", _("French"))]
WAGTAIL_I18N_ENABLED = True
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Europe/Paris"
WAGTAIL_USER_TIME_ZONES = [TIME_ZONE]
LOCALE_PATHS = [BASE_DIR / "portal" / "locale"]
# A translation of a live page starts as a draft: it must never publish French text under another language's address.
WAGTAILLOCALIZE_SYNC_LIVE_STATUS_ON_TRANSLATE = False
WAGTAILLOCALIZE_DISABLE_ON_SITE_SYNC = True

# --- Files -----------------------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_URL = "/media/"
MEDIA_ROOT = VAR_DIR / "media"
# Files that wait to be imported, out of the media: these are public.
IMPORTS_FOLDER = str(VAR_DIR / "imports")
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# --- Mails: written to an outbox in the same transaction, sent by ``run_due`` ----------------------------------------
EMAIL_BACKEND = "portal.core.outbox.EmailBackend"
EMAIL_DELIVERY = email_from(env, VAR_DIR / "mail")
globals().update({key: value for key, value in EMAIL_DELIVERY.items() if key != "EMAIL_BACKEND"})
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", "La Boussole <ne-pas-repondre@localhost>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
EMAIL_TIMEOUT = 10
POST_OFFICE = {
    "BACKENDS": {"default": EMAIL_DELIVERY["EMAIL_BACKEND"]},
    "DEFAULT_PRIORITY": "medium",
    "MESSAGE_ID_ENABLED": False,
    "BATCH_SIZE": 50,
    "THREADS_PER_PROCESS": 1,
    # The portal itself decides when to try again, with a growing delay: see portal.core.outbox.
    "MAX_RETRIES": 0,
}

# --- Tasks -----------------------------------------------------------------------------------------------------------
TASKS = {
    "default": {
        "BACKEND": {
            "immediate": "django_tasks.backends.immediate.ImmediateBackend",
            "database": "portal.core.tasks.DatabaseBackend",
        }[env.str("TASKS", "database")],
    },
}

# --- Search ----------------------------------------------------------------------------------------------------------
WAGTAILSEARCH_BACKENDS = {"default": search_from(env)}
USES_SEARCH_ENGINE = bool(env.str("SEARCH_URL", ""))

# --- Wagtail ---------------------------------------------------------------------------------------------------------
WAGTAIL_SITE_NAME = "La Boussole"
WAGTAILADMIN_USER_LOGIN_FORM = "portal.users.forms.LoginForm"
WAGTAILIMAGES_IMAGE_MODEL = "images.PortalImage"
WAGTAILIMAGES_IMAGE_FORM_BASE = "portal.images.forms.PortalImageForm"
WAGTAILIMAGES_EXTENSIONS = ["gif", "jpg", "jpeg", "png", "webp"]
WAGTAILIMAGES_MAX_UPLOAD_SIZE = 10 * 1024 * 1024
WAGTAILDOCS_MAX_UPLOAD_SIZE = 10 * 1024 * 1024  # nginx lets through a little more, so that the admin can say it
WAGTAILDOCS_EXTENSIONS = ["pdf", "odt", "docx", "ods", "xlsx", "csv", "txt"]
WAGTAIL_GRAVATAR_PROVIDER_URL = None
WAGTAIL_ENABLE_UPDATE_CHECK = False
WAGTAIL_ENABLE_WHATS_NEW_BANNER = False
WAGTAILEMBEDS_FINDERS: list[dict[str, str]] = []
WAGTAILADMIN_NOTIFICATION_INCLUDE_SUPERUSERS = False
WAGTAIL_ALLOW_UNICODE_SLUGS = False
WAGTAILADMIN_COMMENTS_ENABLED = True
WAGTAILADMIN_RICH_TEXT_EDITORS = {
    "default": {
        "WIDGET": "wagtail.admin.rich_text.DraftailRichTextArea",
        "OPTIONS": {"features": ["bold", "italic", "ol", "ul", "link", "document-link"]},
    },
}
TAGGIT_CASE_INSENSITIVE = True
LOGIN_URL = "wagtailadmin_login"
WAGTAIL_FRONTEND_LOGIN_URL = "/admin/login/"

# --- Maps and geocoding ----------------------------------------------------------------------------------------------
MAP_TILES_URL = env.str("MAP_TILES_URL", "https://tile.openstreetmap.org/{z}/{x}/{y}.png")
MAP_TILES_ATTRIBUTION = "© OpenStreetMap"
# The French address base, of which the IGN keeps the public service; empty for none.
GEOCODER_URL = env.str("GEOCODER_URL", "https://data.geopf.fr/geocodage").rstrip("/")

# --- Open data: who publishes it, in the identifiers of data.inclusion; under which licence --------------------------
DATA_SOURCE = env.str("DATA_SOURCE", "boussole")
DATA_LICENCE = env.str("DATA_LICENCE", "Licence Ouverte 2.0")
DATA_LICENCE_URL = env.str(
    "DATA_LICENCE_URL", "https://www.etalab.gouv.fr/wp-content/uploads/2017/04/ETALAB-Licence-Ouverte-v2.0.pdf"
)

# --- Safety ----------------------------------------------------------------------------------------------------------
TRUSTED_PROXIES: list[str] = env.list("TRUSTED_PROXIES", default=[])
RATE_LIMITS = env.str("RATE_LIMITS", "on") != "off"
RATELIMIT_ENABLE = RATE_LIMITS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = False  # the admin's scripts read it
CSRF_FAILURE_VIEW = "portal.core.views.csrf_failure"
X_FRAME_OPTIONS = "SAMEORIGIN"  # the admin previews pages in a frame; a list shows its map in one
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"  # map tiles are refused without a referrer
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "media-src": ["'self'"],
        "manifest-src": ["'self'"],
        "worker-src": ["'self'"],
        "frame-src": ["'self'"],
        "frame-ancestors": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
    },
}

# django-ratelimit counts in the cache; it warns of caches that it does not know, and the file cache is one. Counting
# there can miss a hit when two processes write at once, which only makes the limit a little softer.
SILENCED_SYSTEM_CHECKS = ["django_ratelimit.W001", "django_ratelimit.E003"]

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "portal": {"level": "INFO"},
        # A page that does not exist is no news; a server error is.
        "django.request": {"level": "ERROR"},
        # Nor is a robot that tries names which are not ours.
        "django.security.DisallowedHost": {"level": "CRITICAL"},
        "gunicorn.http.wsgi": {"level": "ERROR"},
    },
}
