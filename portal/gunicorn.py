"""How the web server runs: ``gunicorn --config python:portal.gunicorn portal.wsgi:application``.

The only place that says so; the demonstration, systemd and the container differ by what their command line adds.
Gunicorn reads the names below; see its own documentation of settings.
"""

import os
from pathlib import Path

# nginx reaches the portal there and nobody else does: no port is opened.
bind = "unix:/run/portal/web.sock"

# A process for each core, two at least: one may be busy with a map or a photo. gunicorn's own name of the variable.
workers = int(os.environ.get("WEB_CONCURRENCY") or 2)
worker_class = "gthread"
threads = 4

# One copy of the code in memory for all workers, and a fault in it stops the start instead of looping.
preload_app = True

# The longest address that Django and nginx (large_client_header_buffers) take as well.
limit_request_line = 8190

# Longer than a page may ever take, as nginx waits (proxy_read_timeout); then time to end what is being answered.
timeout = 60
graceful_timeout = 30

# No access log: nginx writes one that names nobody.
loglevel = "warning"

# Heartbeat files in memory: a slow disk must not look like a hung worker.
_memory = Path("/dev/shm")  # noqa: S108 - gunicorn makes files of its own there, under random names
worker_tmp_dir = str(_memory) if os.access(_memory, os.W_OK) else None

# Nothing here speaks to it.
control_socket_disable = True
