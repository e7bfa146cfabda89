# The portal as two images: "portal" (web server, worker, periodic work: one image, three commands) and "nginx" (the same
# nginx as on a machine, with the static files of this very version). compose.yaml uses both.
#
#   docker build --target portal -t portal . && docker build --target nginx -t portal-nginx .
#
# Move the versions on at each upgrade. Debian 13's PostgreSQL client is 17, as compose.yaml's server: a backup needs one
# that is not older than the server.
ARG PYTHON=3.11.14-slim-trixie
ARG NGINX=1.28.0-bookworm

# --- What all stages share -------------------------------------------------------------------------------------------
FROM python:${PYTHON} AS base
ENV DJANGO_SETTINGS_MODULE=portal.settings.production \
    PATH=/opt/portal/bin:$PATH \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_NO_CACHE_DIR=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
WORKDIR /srv/portal

# --- Packages: only their list decides whether this is built again ---------------------------------------------------
FROM base AS packages
COPY requirements/base.txt requirements/base.txt
RUN python -m venv /opt/portal && python -m pip install --require-hashes --requirement requirements/base.txt

# --- The code, its messages and static files made ready --------------------------------------------------------------
FROM packages AS built
COPY LICENSE manage.py pyproject.toml ./
COPY portal portal
COPY directory directory
COPY events events
COPY glossary glossary
COPY home home
COPY search search
COPY static static
# The editor's guide, which the admin shows.
COPY docs/guide-editeur.md docs/guide-editeur.md
COPY docs/img/guide docs/img/guide
# The settings of production ask for their environment; nothing of this one stays in the image.
RUN SECRET_KEY=only-while-building ALLOWED_HOSTS=localhost SITE_URL=https://localhost \
    DATABASE_URL=sqlite:////tmp/none.sqlite3 EMAIL_URL=consolemail:// CACHE_URL=locmemcache:// \
    python -m portal.prepare messages static
RUN python -m compileall -q portal directory events glossary home search && rm -rf requirements

# --- The portal ------------------------------------------------------------------------------------------------------
FROM base AS portal
# pg_dump, pg_restore and psql: manage.py backup and restore. Pango and its neighbours: PDF.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends \
        libharfbuzz-subset0 libpango-1.0-0 libpangoft2-1.0-0 postgresql-client \
    && rm -rf /var/lib/apt/lists/*
# Fixed numbers, so that volumes stay theirs from one version to the next.
RUN groupadd --system --gid 10001 portal \
    && useradd --system --uid 10001 --gid portal --home-dir /srv/portal --no-create-home --shell /usr/sbin/nologin portal
COPY --from=packages /opt/portal /opt/portal
COPY --from=built /srv/portal /srv/portal
# All that is ever written, each a volume: uploads, kept pages, the socket, archives. The rest may be read-only.
RUN install --directory --owner=portal --group=portal /srv/portal/var/media /srv/portal/var/pages /run/portal \
    /srv/backups
USER portal
VOLUME ["/srv/portal/var/media", "/srv/portal/var/pages", "/run/portal", "/srv/backups"]
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=6s --start-period=60s --retries=3 CMD ["python", "-m", "portal.health"]
CMD ["python", "-m", "gunicorn", "--config", "python:portal.gunicorn", "portal.wsgi:application"]

# --- nginx -----------------------------------------------------------------------------------------------------------
FROM nginx:${NGINX} AS nginx
RUN rm /etc/nginx/conf.d/default.conf
COPY deploy/nginx/portal.conf /etc/nginx/conf.d/portal.conf
COPY deploy/nginx/portal /etc/nginx/portal
COPY --from=built /srv/portal/var/static /srv/portal/var/static
STOPSIGNAL SIGQUIT
# It answers for itself; whether the portal does is the portal's own check.
HEALTHCHECK --interval=15s --timeout=6s --start-period=10s --retries=3 \
    CMD ["curl", "--fail", "--silent", "--output", "/dev/null", "http://127.0.0.1/static/staticfiles.json"]
