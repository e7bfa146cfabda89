"""The settings of a portal are there before anybody reads them: to show a page never writes."""

from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext
from wagtail.models import Site

from portal.core import versions
from portal.core.models import PortalSettings
from portal.users.models import User


@pytest.fixture
def without(tree):
    """A site whose settings somebody took out by hand."""
    PortalSettings.objects.all().delete()
    versions.forget_memory()
    return tree


def test_a_new_site_has_its_settings(tree):
    assert PortalSettings.objects.filter(site=tree.site).count() == 1
    tree.site.save()
    other = Site.objects.create(hostname="autre.example", root_page=tree.home)
    assert set(PortalSettings.objects.values_list("site", flat=True)) == {tree.site.pk, other.pk}


def test_sites_that_were_there_before_get_theirs(without):
    migration = import_module("portal.core.migrations.0005_settings_of_each_site")
    for _time in range(2):
        migration.give_settings(apps, None)
    assert PortalSettings.objects.get().site == without.site


def test_no_page_writes_them(client, without):
    paths = ("/", "/annuaire/", "/contact/", "/manifest.webmanifest", "/.well-known/security.txt")
    for path in paths:
        with CaptureQueriesContext(connection) as captured:
            response = client.get(path)
        assert response.status_code == 200, path
        assert not [query["sql"] for query in captured if versions.is_change(query["sql"])], path
    assert "La Boussole" in client.get("/").content.decode()
    assert not PortalSettings.objects.exists()


def test_the_admin_writes_them_when_asked_to(client, without):
    client.force_login(User.objects.create_superuser("chef", "chef@example.org", "x"))
    address = f"/admin/settings/core/portalsettings/{without.site.pk}/"
    response = client.get(address)
    assert response.status_code == 200
    assert not PortalSettings.objects.exists()
    form = response.context["form"]
    data = {name: form[name].value() or "" for name in form.fields}
    data |= {"funders-TOTAL_FORMS": "0", "funders-INITIAL_FORMS": "0", "portal_name": "La Rose des vents"}
    assert client.post(address, data).status_code == 302
    assert PortalSettings.objects.get().portal_name == "La Rose des vents"
    assert "La Rose des vents" in client.get("/").content.decode()
