"""What can be asked for, out of the same folders that the generator reads."""

from django.http import Http404, HttpResponse
from django.shortcuts import render

from provisioning import wiring
from provisioning.display.reference import parameter_rows
from provisioning.views.access import PageRequest, page


@page("GET")
def catalog(request: PageRequest) -> HttpResponse:
    return render(request, "provisioning/catalog.html", {"types": wiring.catalog().types})


@page("GET")
def catalog_type(request: PageRequest, name: str) -> HttpResponse:
    whole = wiring.catalog()
    resource_type = whole.types.get(name)
    if resource_type is None:
        raise Http404
    context = {
        "name": name,
        "type": resource_type.file,
        "environments": whole.platform.environments,
        "rows": parameter_rows(whole, resource_type),
    }
    return render(request, "provisioning/catalog_type.html", context)
