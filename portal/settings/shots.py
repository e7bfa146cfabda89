"""Pictures of the portal: the demonstration, but writing to the folder ``SHOTS_FOLDER`` only, and working at once.

Static files are the ones that ``make setup`` collected: they never change while a portal runs.
"""

import os
from pathlib import Path

from .demo import *

FOLDER = Path(os.environ["SHOTS_FOLDER"])
ALLOW_DEMO_CONTENT = True
DATABASES["default"]["NAME"] = str(FOLDER / "portal.sqlite3")
CACHES = {"default": env.cache_url_config(f"filecache://{FOLDER / 'cache'}")}
PAGE_CACHE_FOLDER = str(FOLDER / "pages")
MEDIA_ROOT = FOLDER / "media"
TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}
EMAIL_DELIVERY = {**EMAIL_DELIVERY, "EMAIL_FILE_PATH": str(FOLDER / "mail")}
EMAIL_FILE_PATH = EMAIL_DELIVERY["EMAIL_FILE_PATH"]
# Signing in for a dozen pictures is no attack.
RATE_LIMITS = RATELIMIT_ENABLE = False
