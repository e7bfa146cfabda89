"""Reading of the environment variables; each function gives one block of settings or says what is wrong."""

from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured
from redis.backoff import NoBackoff
from redis.retry import Retry

env = environ.Env()

SEARCH_ENGINES = {
    "elasticsearch7": "modelsearch.backends.elasticsearch7",
    "elasticsearch8": "modelsearch.backends.elasticsearch8",
    "elasticsearch9": "modelsearch.backends.elasticsearch9",
    "opensearch2": "modelsearch.backends.opensearch2",
    "opensearch3": "modelsearch.backends.opensearch3",
}


def database_from(env: environ.Env, sqlite_path: Path) -> dict[str, Any]:
    """``DATABASE_URL`` as a Django database; SQLite gets write-ahead logging, immediate transactions and patience."""
    config: dict[str, Any] = env.db_url_config(env.str("DATABASE_URL", "") or f"sqlite:///{sqlite_path}")
    if config["ENGINE"].endswith("sqlite3"):
        config["OPTIONS"] = {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA mmap_size=134217728;",
        }
    else:
        config.setdefault("CONN_MAX_AGE", 60)
        config["CONN_HEALTH_CHECKS"] = True
    return config


def cache_from(env: environ.Env, folder: Path) -> dict[str, Any]:
    """``CACHE_URL`` as a Django cache; without it, files in ``folder``.

    A Redis that does not answer is given up at once: every page asks it, and the client would try for four seconds.
    """
    config: dict[str, Any] = env.cache_url("CACHE_URL", f"filecache://{folder}")
    if config["BACKEND"].endswith("RedisCache"):
        patience = {"socket_connect_timeout": 1, "socket_timeout": 1, "retry": Retry(NoBackoff(), 1)}
        config["OPTIONS"] = patience | config.get("OPTIONS", {})
    return config


def email_from(env: environ.Env, folder: Path) -> dict[str, Any]:
    """``EMAIL_URL`` as Django's e-mail settings; without it, mails are written as files to ``folder``."""
    if env.str("EMAIL_URL", ""):
        return dict(env.email_url("EMAIL_URL"))
    return {"EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend", "EMAIL_FILE_PATH": str(folder)}


def search_from(env: environ.Env) -> dict[str, Any]:
    """``SEARCH_URL`` as a search backend: empty for the database, else ``<engine>+http(s)://host:port``."""
    url = env.str("SEARCH_URL", "")
    if not url:
        return {"BACKEND": "modelsearch.backends.database", "SEARCH_CONFIG": "portal_words"}
    engine, _, address = url.partition("+")
    if engine not in SEARCH_ENGINES or not address.startswith(("http://", "https://")):
        raise ImproperlyConfigured(
            "SEARCH_URL must look like elasticsearch8+http://host:9200; its engine is one of "
            f"{', '.join(SEARCH_ENGINES)}."
        )
    return {"BACKEND": SEARCH_ENGINES[engine], "URLS": [address], "INDEX_PREFIX": "portal_", "TIMEOUT": 5}
