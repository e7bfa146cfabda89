"""HTTP of the home application: contact, sitemap, plan of the site, calendar and programme of a centre."""

from typing import cast

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe
from django_ratelimit.core import is_ratelimited
from wagtail.models import Page, Site

from events.feeds.items import readable
from events.feeds.views import calendar_of
from portal.core.client import rate_key
from portal.core.languages import active_language
from portal.core.models import PortalSettings
from portal.core.papers import paper_response
from portal.core.routing import source_root
from portal.core.versions import remembered

from .forms import MAX_PREFILL, ContactForm
from .gathering import events_about
from .models import CentrePage, ContactPage
from .plan import site_plan as plan_of
from .programme import month_of, month_to_print, programme
from .services import send_contact_message
from .sitemaps import sitemap_addresses, sitemap_xml

CONTACT_RATE = "5/h"
CONTACT_GROUP = "home.contact"


class SeeOther(HttpResponseRedirect):
    """After a form was sent: the browser reads another address, and reloading sends nothing again."""

    status_code = 303


def root_of(request: HttpRequest) -> Page:
    site = Site.find_for_request(request)
    if site is None:
        raise Http404
    return source_root(site)


@require_safe
def sitemap(request: HttpRequest) -> HttpResponse:
    base_url = f"{request.scheme}://{request.get_host()}"
    content = sitemap_xml(sitemap_addresses(root_of(request), base_url, request))
    return HttpResponse(content, content_type="application/xml; charset=utf-8")


@require_safe
def site_plan(request: HttpRequest) -> HttpResponse:
    root, language, now = root_of(request), active_language(), timezone.now()
    sections = remembered(("plan", root.pk, language, timezone.localdate(now)), lambda: plan_of(root, language, now))
    return render(request, "home/site_plan.html", {"sections": sections})


@require_safe
def centre_calendar(request: HttpRequest, slug: str) -> HttpResponse:
    """The events of a centre's agenda, those that take place there and those that it organises, to subscribe to."""
    page = readable(CentrePage.objects.visible().filter(slug=slug).first())
    return calendar_of(request, page, events_about(page.facts), slug)


@require_safe
def centre_programme(request: HttpRequest, slug: str) -> HttpResponse:
    """The month of a centre on paper (``?mois=2026-12``, by default this one), or its page to print."""
    page = cast(CentrePage, readable(CentrePage.objects.visible().filter(slug=slug).first()))
    first = month_of(request)
    return paper_response(
        request,
        lambda: programme(page, request, first),
        name=f"programme-{slug}-{first:%Y-%m}",
        page_url=month_to_print(page, first),
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def contact(request: HttpRequest, page: ContactPage) -> HttpResponse:
    """The form; on success a redirection to ``?envoye=1``. Whatever goes wrong, what was typed comes back."""
    if request.method != "POST":
        is_sent = request.GET.get("envoye") == "1"
        form = ContactForm(initial={"message": begun_message(request)[:MAX_PREFILL]})
        return contact_answer(request, page, form, is_sent=is_sent)
    form = ContactForm(request.POST)
    if not form.is_valid():
        return contact_answer(request, page, form)
    if not form.is_from_a_program:
        if is_ratelimited(request, group=CONTACT_GROUP, key=rate_key, rate=CONTACT_RATE, method="POST", increment=True):
            return contact_answer(request, page, form, status=429, is_limited=True)
        send_contact_message(
            portal=PortalSettings.for_request(request),
            message=form.cleaned_data["message"],
            answer_to=form.cleaned_data["answer_to"],
            reply_to=form.reply_to,
            language=active_language(),
        )
    return SeeOther(f"{page.get_url(request)}?envoye=1")


def begun_message(request: HttpRequest) -> str:
    """What another page began to write: a whole message, or the word that somebody wants explained."""
    if word := request.GET.get("mot", "").strip():
        return _("What does “%(words)s” mean?") % {"words": word}
    return request.GET.get("message", "")


def contact_answer(
    request: HttpRequest,
    page: ContactPage,
    form: ContactForm,
    *,
    status: int = 200,
    is_sent: bool = False,
    is_limited: bool = False,
) -> HttpResponse:
    context = page.get_context(request, form=form, is_sent=is_sent, is_limited=is_limited)
    return render(request, page.get_template(request), context, status=status)
