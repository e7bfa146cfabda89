"""Demonstration (``make demo``): like production, on this machine, without a certificate."""

from .base import *
from .secret import local_secret_key

SECRET_KEY = SECRET_KEY or local_secret_key(VAR_DIR / "secret_key")
ALLOWED_HOSTS = ALLOWED_HOSTS or ["*"]
SERVE_MEDIA = True
