"""A new request: the form, its preview, and the submission."""

import secrets
import time
from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse

from provisioning import wiring
from provisioning.catalog import Catalog
from provisioning.domain import Generated, Submission
from provisioning.errors import ClarificationNeededError, InvalidInputError, PortalError
from provisioning.models import PULL_REQUEST, ProvisionRequest
from provisioning.pipeline.estimate import estimate
from provisioning.requests import services
from provisioning.web.display.code import code_file, in_order
from provisioning.web.display.facts import echo, resource_facts
from provisioning.web.forms import ProvisionForm, copy_of
from provisioning.web.views.access import PageRequest, page, visible

MOST_EXAMPLES = 4


@page("GET")
def new_request(request: PageRequest) -> HttpResponse:
    earlier = visible(request, request.GET["from"]) if request.GET.get("from") else None
    first = copy_of(earlier) if earlier else {"team": _own_team(request), **request.GET.dict()}
    return _form_page(request, _unbound(first), {"earlier": earlier})


@page("POST")
def preview(request: PageRequest) -> HttpResponse:
    """Runs the request's first two phases and shows what they make. Creates nothing but the preview's own row."""
    form = _posted(request)
    submission = form.submission(request.caller.name)
    begun = time.monotonic()
    try:
        generated = services.preview(submission, request.caller)
    except InvalidInputError as error:
        return _refused(request, form, error)
    except PortalError as error:
        return _not_previewed(request, form, error)
    shown = _preview_context(submission, generated) | {
        "seconds": time.monotonic() - begun,
        "token": services.keep_preview(submission, generated, request.caller),
    }
    return _with_preview(request, form, shown, 200)


@page("POST")
def submit(request: PageRequest) -> HttpResponse:
    form = _posted(request)
    try:
        made = services.submit(
            form.submission(request.caller.name),
            caller=request.caller,
            source="web",
            idempotency_key=form.key(),
            preview=form.cleaned_data["preview"],
        )
    except InvalidInputError as error:
        return _refused(request, form, error)
    return HttpResponseRedirect(reverse("request_detail", args=[made.request_id]))


def _own(request: PageRequest, request_id: str) -> str:
    """The id where its request may be seen: a new request is not hung on somebody else's."""
    return (
        request_id
        if services.visible_to(request.caller).filter(request_id=request_id).exists()
        else ""
    )


def _posted(request: PageRequest) -> ProvisionForm:
    form = ProvisionForm(request.POST)
    form.full_clean()
    for name in ProvisionForm.base_fields:
        form.cleaned_data.setdefault(name, "")
    form.cleaned_data["follow_up_of"] = _own(request, form.cleaned_data["follow_up_of"])
    return form


def _unbound(first: Mapping[str, str]) -> ProvisionForm:
    """A bound form without errors: what it shows is its data, on the first page and after a refusal alike."""
    data = QueryDict(mutable=True)
    data.update({name: value for name, value in first.items() if name in ProvisionForm.base_fields})
    # 24 characters: one for each page that was loaded, so that two clicks are one request.
    data["idempotency_key"] = secrets.token_urlsafe(18)
    return ProvisionForm(data)


def _own_team(request: PageRequest) -> str:
    return request.caller.teams[0] if request.caller.teams else ""


def _form_page(
    request: PageRequest, form: ProvisionForm, extra: Mapping[str, Any], status: int = 200
) -> HttpResponse:
    mine = ProvisionRequest.objects.filter(user=request.user).select_related(*PULL_REQUEST)
    context = {
        "form": form,
        "teams": list(request.caller.teams),
        "examples": _examples(wiring.catalog()),
        "recent": mine.defer("generated_json")[:3],
        **extra,
    }
    return render(request, "provisioning/new_request.html", context, status=status)


def _examples(catalog: Catalog) -> list[str]:
    """The first one of each of the types that are explained by the most."""
    explained = sorted(
        catalog.types.values(), key=lambda resource_type: -len(resource_type.file.examples)
    )
    return [resource_type.file.examples[0].text for resource_type in explained[:MOST_EXAMPLES]]


def _preview_context(submission: Submission, generated: Generated) -> dict[str, Any]:
    requirements = generated.requirements
    return {
        "echo": echo(services.validate_submission(submission).text, requirements),
        "resources": resource_facts(wiring.catalog(), requirements),
        "notes": requirements.notes,
        "unmet": requirements.unmet,
        "sentence": requirements.sentence,
        "estimate": estimate(wiring.catalog(), requirements.resources),
        "report": generated.report,
        "written": [
            (resource, [code_file(name, text) for name, text in in_order(resource.files)])
            for resource in generated.resources
        ],
    }


def _with_preview(
    request: PageRequest, form: ProvisionForm, shown: Mapping[str, Any], status: int
) -> HttpResponse:
    context = {"form": form, "previewed": True, **shown}
    if request.htmx:
        return render(
            request, "provisioning/_preview.html", context | {"oob": True}, status=min(status, 422)
        )
    return _form_page(request, form, context, status)


def _not_previewed(request: PageRequest, form: ProvisionForm, error: PortalError) -> HttpResponse:
    questions = error.questions if isinstance(error, ClarificationNeededError) else ()
    shown = {
        "error": error.message,
        "failure": error,
        "questions": questions,
    }
    # What may be better in a minute is the portal's fault, everything else the text's.
    return _with_preview(request, form, shown, 503 if error.retryable else 422)


def _refused(request: PageRequest, form: ProvisionForm, error: InvalidInputError) -> HttpResponse:
    form.refuse(error)
    if not request.htmx:
        return _form_page(request, form, {}, 422)
    context = {"form": form, "teams": [], "oob": True}
    response = render(request, "provisioning/_composer.html", context, status=422)
    # The page asked for the preview; the errors belong to the form beside it.
    response["HX-Retarget"], response["HX-Reswap"] = "#composer", "outerHTML"
    return response
