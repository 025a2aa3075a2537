"""What can be asked for, out of the same folders that the generator reads."""

from django.http import Http404, HttpResponse
from django.shortcuts import render

from provisioning import wiring
from provisioning.catalog.certificate import read
from provisioning.web.display.catalog_list import groups
from provisioning.web.display.reference import parameter_rows
from provisioning.web.views.access import PageRequest, page

MAX_WORDS = 200


@page("GET")
def catalog(request: PageRequest) -> HttpResponse:
    """`?q=` leaves the types that the words mean."""
    words = request.GET.get("q", "")[:MAX_WORDS].strip()
    whole = wiring.catalog()
    found = groups(whole, words)
    context = {
        "groups": found,
        "words": words,
        "count": sum(len(group.types) for group in found),
        "types": whole.types,
    }
    return render(request, "provisioning/catalog.html", context)


@page("GET")
def catalog_type(request: PageRequest, name: str) -> HttpResponse:
    """404 for a type that the catalog has not."""
    whole = wiring.catalog()
    resource_type = whole.types.get(name)
    if resource_type is None:
        raise Http404
    context = {
        "name": name,
        "type": resource_type.file,
        "environments": whole.platform.environments,
        "rows": parameter_rows(whole, resource_type),
        "certificate": read(resource_type.folder),
    }
    return render(request, "provisioning/catalog_type.html", context)
