"""The addresses of the portal; the only place that imports features."""

from django.conf import settings
from django.conf.urls.i18n import i18n_patterns
from django.urls import include, path, re_path
from django.views.generic import RedirectView
from django.views.static import serve as serve_file
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.documents import urls as wagtaildocs_urls
from wagtail.views import authenticate_with_password

import directory.urls
import events.urls
import home.urls
import search.urls
from portal.core import device, views

handler400 = views.bad_request
handler403 = views.permission_denied
handler404 = views.page_not_found
handler500 = views.server_error

urlpatterns = [
    path("admin/", include(wagtailadmin_urls)),
    path("documents/", include(wagtaildocs_urls)),
    path(
        "_util/authenticate_with_password/<int:page_view_restriction_id>/<int:page_id>/",
        authenticate_with_password,
        name="wagtailcore_authenticate_with_password",
    ),
    # Wagtail sends readers of a private page there; members of a team log in at the admin's door.
    path(
        "_util/login/",
        RedirectView.as_view(pattern_name="wagtailadmin_login", query_string=True),
        name="wagtailcore_login",
    ),
    path("healthz", views.healthz, name="healthz"),
    path("robots.txt", views.robots, name="robots"),
    path(".well-known/security.txt", views.security_txt, name="security_txt"),
    path("couleurs-admin-<slug:version>.css", views.admin_colours, name="admin_colours"),
    path("couleurs-<slug:version>.css", views.site_colours, name="site_colours"),
    path("manifest.webmanifest", device.manifest, name="manifest"),
    path("garder.js", device.worker, name="keep_worker"),
    *home.urls.root_urlpatterns,
    *directory.urls.root_urlpatterns,
]

if getattr(settings, "SERVE_MEDIA", settings.DEBUG):
    # The demonstration has no web server in front of it.
    urlpatterns.append(
        re_path(r"^media/(?P<path>.*)$", serve_file, {"document_root": settings.MEDIA_ROOT}, name="media")
    )

urlpatterns += i18n_patterns(
    *directory.urls.urlpatterns,
    *events.urls.urlpatterns,
    *search.urls.urlpatterns,
    *home.urls.urlpatterns,
    path("sur-cet-appareil/", device.kept, name="kept"),
    re_path(r"^((?:[\w\-.~%]+/)*)$", views.serve, name="wagtail_serve"),
    prefix_default_language=False,
)
