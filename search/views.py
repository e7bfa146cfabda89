"""HTTP of the search."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from .results import search_results


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    return render(request, "search/search.html", search_results(request))
