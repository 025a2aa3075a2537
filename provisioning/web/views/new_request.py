"""A new request: the form, and the submission of what its preview showed."""

import secrets
from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse

from provisioning import wiring
from provisioning.catalog import Catalog
from provisioning.errors import InvalidInputError, StalePreviewError
from provisioning.models import PULL_REQUEST, ProvisionRequest
from provisioning.requests import services
from provisioning.web import typed_text
from provisioning.web.display.answers import answer_chips
from provisioning.web.forms import ProvisionForm, copy_of
from provisioning.web.views.access import PageRequest, page, visible

MOST_EXAMPLES = 4


@page("GET")
def new_request(request: PageRequest) -> HttpResponse:
    earlier = visible(request, request.GET["from"]) if request.GET.get("from") else None
    typed = typed_text.given_back(request)
    asked = {"team": _own_team(request), **request.GET.dict(), **typed}
    first = copy_of(earlier) if earlier and not typed else asked
    return form_page(request, _unbound(first), {"earlier": earlier, "typed": bool(typed)})


def posted(request: PageRequest) -> ProvisionForm:
    form = ProvisionForm(request.POST)
    form.full_clean()
    for name in ProvisionForm.base_fields:
        form.cleaned_data.setdefault(name, "")
    form.cleaned_data["follow_up_of"] = _own(request, form.cleaned_data["follow_up_of"])
    return form


def submitted(request: PageRequest, form: ProvisionForm) -> HttpResponse:
    """Raises `InvalidInputError`, and `StalePreviewError` where what is sent is not what was shown."""
    kept = services.kept_preview(form.cleaned_data["preview"])
    edits = kept.edits if kept else {}
    if form.answers_lost or (kept and services.edits_after(kept, form.edits) != edits):
        raise StalePreviewError(services.CHANGED)
    made = services.submit(
        form.submission(request.caller.name),
        caller=request.caller,
        source="web",
        idempotency_key=form.key(edits),
        preview=form.cleaned_data["preview"],
    )
    return HttpResponseRedirect(reverse("request_detail", args=[made.request_id]))


def refused(request: PageRequest, form: ProvisionForm, error: InvalidInputError) -> HttpResponse:
    form.refuse(error)
    if not request.htmx:
        return form_page(request, form, {}, 422)
    context = {"form": form, "teams": [], "chips": chips(form), "oob": True}
    response = render(request, "provisioning/_composer.html", context, status=422)
    # The page asked for the preview; the errors belong to the form beside it.
    response["HX-Retarget"], response["HX-Reswap"] = "#composer", "outerHTML"
    return response


def chips(form: ProvisionForm, asked: tuple[str, ...] = ()) -> Mapping[str, Any]:
    """The answers that travel on; those that are being asked again are given below."""
    given = {name: said for name, said in form.answers.items() if name not in asked}
    return {"to": form.sentence, "answers": answer_chips(wiring.catalog(), given)}


def form_page(
    request: PageRequest, form: ProvisionForm, extra: Mapping[str, Any], status: int = 200
) -> HttpResponse:
    mine = ProvisionRequest.objects.filter(user=request.user).select_related(*PULL_REQUEST)
    context = {
        "form": form,
        "teams": list(request.caller.teams),
        "examples": _examples(wiring.catalog()),
        "recent": mine.defer("generated_json")[:3],
        "chips": chips(form),
        **extra,
    }
    return render(request, "provisioning/new_request.html", context, status=status)


def _own(request: PageRequest, request_id: str) -> str:
    """The id where its request may be seen: a new request is not hung on somebody else's."""
    return (
        request_id
        if services.visible_to(request.caller).filter(request_id=request_id).exists()
        else ""
    )


def _unbound(first: Mapping[str, str]) -> ProvisionForm:
    """A bound form without errors: what it shows is its data, on the first page and after a refusal alike."""
    data = QueryDict(mutable=True)
    data.update({name: value for name, value in first.items() if name in ProvisionForm.base_fields})
    # 24 characters: one for each page that was loaded, so that two clicks are one request.
    data["idempotency_key"] = secrets.token_urlsafe(18)
    form = ProvisionForm(data)
    form.cleaned_data = dict.fromkeys(ProvisionForm.base_fields, "")
    return form


def _own_team(request: PageRequest) -> str:
    return request.caller.teams[0] if request.caller.teams else ""


def _examples(catalog: Catalog) -> list[str]:
    """The first one of each of the types that are explained by the most."""
    explained = sorted(
        catalog.types.values(), key=lambda resource_type: -len(resource_type.file.examples)
    )
    return [resource_type.file.examples[0].text for resource_type in explained[:MOST_EXAMPLES]]
