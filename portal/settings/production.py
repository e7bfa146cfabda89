"""Production: refuses to start when something that matters is missing."""

from django.core.exceptions import ImproperlyConfigured

from .base import *

for _name, _why in {
    "SECRET_KEY": "a long random text that signs sessions",
    "ALLOWED_HOSTS": "the host names of the portal, separated by commas",
    "SITE_URL": "the public address of the portal, such as https://boussole.example.org",
    "DATABASE_URL": "such as postgres://user:password@host/name or sqlite:////srv/portal/portal.sqlite3",
    "EMAIL_URL": "such as smtp+tls://user:password@host:587",
}.items():
    if not env.str(_name, ""):
        raise ImproperlyConfigured(f"The environment variable {_name} is missing: {_why}.")

SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_SSL_REDIRECT = SITE_URL.startswith("https://")
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
SECURE_HSTS_SECONDS = 63_072_000 if SECURE_SSL_REDIRECT else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_SSL_REDIRECT
SECURE_HSTS_PRELOAD = SECURE_SSL_REDIRECT
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT
# X_FRAME_OPTIONS is no DENY, for the reason beside it.
SILENCED_SYSTEM_CHECKS = [*SILENCED_SYSTEM_CHECKS, "security.W019"]
