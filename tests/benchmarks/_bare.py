"""The reference of ``pages.py``: what ``django-admin startproject`` makes, with one view that answers 12 kB of HTML.

``gunicorn tests.benchmarks._bare``; importing it configures Django, so nothing else does.
"""

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse
from django.urls import path

PARAGRAPH = "<p>Un lieu qui reçoit les familles, ouvert du lundi au vendredi, près de chez vous.</p>\n"
PAGE = f"<!DOCTYPE html>\n<title>La page nue</title>\n{PARAGRAPH * 134}"

settings.configure(
    SECRET_KEY="benchmarks-only",
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    INSTALLED_APPS=[
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sessions",
        "django.contrib.messages",
        "django.contrib.staticfiles",
    ],
    MIDDLEWARE=[
        "django.middleware.security.SecurityMiddleware",
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
        "django.middleware.clickjacking.XFrameOptionsMiddleware",
    ],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
)


def bare(request):
    return HttpResponse(PAGE)


urlpatterns = [path("", bare)]
application = get_wsgi_application()
