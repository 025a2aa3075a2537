"""The preview of a request: shown, changed value by value, sent on, and read by a colleague."""

import time
from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from provisioning import wiring
from provisioning.domain import RenderedResource, Requirements
from provisioning.errors import (
    ClarificationNeededError,
    InvalidInputError,
    PolicyViolationError,
    PortalError,
    StalePreviewError,
)
from provisioning.models import Preview, from_json
from provisioning.pipeline.estimate import estimate
from provisioning.requests import services
from provisioning.web.display.code import CodeFile, code_file, in_order
from provisioning.web.display.controls import Form
from provisioning.web.display.corrections import corrections
from provisioning.web.display.facts import echo, resource_facts
from provisioning.web.forms import ProvisionForm
from provisioning.web.views import error_pages
from provisioning.web.views.access import PageRequest, page
from provisioning.web.views.new_request import chips, form_page, posted, refused, submitted

Context = Mapping[str, Any]
LOST_ANSWERS = "The sentence has changed, so the answers to the one before were left out."
LOST_EDITS = "The request has changed, so the values that you had set were left out."


@page("POST")
def preview(request: PageRequest) -> HttpResponse:
    """Runs the request's first two phases and shows what they make. Creates nothing but the preview's own row."""
    return _previewed(request, posted(request))


@page("POST")
def submit(request: PageRequest) -> HttpResponse:
    """One request, of exactly what the preview that it names has shown."""
    form = posted(request)
    try:
        return submitted(request, form)
    except StalePreviewError as stale:
        return _previewed(request, form, stale)
    except InvalidInputError as error:
        return refused(request, form, error)


@page("GET")
def shared(request: PageRequest, token: str) -> HttpResponse:
    """A preview as a colleague sees it who was given its link: to read, for a week."""
    kept = services.kept_preview(token)
    if kept is None or not kept.submission_json:
        text = "The link to a preview works for a week. Ask for a new one, or preview it yourself."
        return error_pages.error_page(request, 404, "This preview is no longer there", text)
    context: dict[str, Any] = {"kept": kept, "submission": kept.submission_json}
    try:
        shown = services.shown_again(kept)
        context |= _shown(request, shown, {}) | {
            "facts": resource_facts(wiring.catalog(), shown.requirements)
        }
    # A preview may outlive the catalog that it was made with.
    except (PortalError, LookupError) as error:
        context["lost"] = getattr(error, "message", "Its type is no longer in the catalog.")
    return render(request, "provisioning/shared_preview.html", context)


def _previewed(
    request: PageRequest, form: ProvisionForm, stale: StalePreviewError | None = None
) -> HttpResponse:
    # The wall clock may be set back in between.
    begun = time.monotonic()
    base = _own_preview(request, form)
    try:
        shown, told = _made(request, form, base)
    except InvalidInputError as error:
        return _edit_refused(request, form, base, error)
    except PortalError as error:
        return _not_previewed(request, form, error)
    context = _shown(request, shown, {}) | {"told": told, "stale": stale}
    status = 409 if stale else 422 if shown.broken else 200
    return _with_preview(request, form, context | {"seconds": time.monotonic() - begun}, status)


def _own_preview(request: PageRequest, form: ProvisionForm) -> Preview | None:
    kept = services.kept_preview(form.cleaned_data["preview"])
    # A colleague's preview is there to read; nobody goes on from it.
    return kept if kept and kept.user_id == request.caller.user else None


def _made(
    request: PageRequest, form: ProvisionForm, base: Preview | None
) -> tuple[services.Shown, list[str]]:
    """The same sentence, fields and answers are not read again; and sentences about what was left out."""
    submission = form.submission(request.caller.name)
    told = [LOST_ANSWERS] if form.answers_lost else []
    understood = services.understood_before(base, submission, request.caller)
    if base is None or understood is None:
        understood = services.read(submission, request.caller)
        told += [LOST_EDITS] if base and services.edits_after(base, form.edits) else []
        return services.show(submission, understood, {}, request.caller), told
    edits = services.edits_after(base, form.edits, form.cleaned_data["undo"])
    return services.show(submission, understood, edits, request.caller), told


def _shown(
    request: PageRequest, shown: services.Shown, refused_edits: Mapping[str, tuple[str, str]]
) -> dict[str, Any]:
    catalog, requirements = wiring.catalog(), shown.requirements
    understood = from_json(Requirements, shown.kept.understood_json) or requirements
    controls = Form(catalog, understood, requirements, shown.broken, refused_edits)
    resources = shown.generated.resources if shown.generated else ()
    return {
        "kept": shown.kept,
        "echo": echo(shown.submission.text, requirements),
        "resources": list(controls.resources()),
        "notes": requirements.notes,
        "unmet": requirements.unmet,
        "sentence": requirements.sentence,
        "broken": corrections(catalog, requirements, shown.broken),
        "taken": services.taken([one.directory for one in resources], request.caller),
        "estimate": estimate(catalog, requirements.resources),
        "report": shown.generated.report if shown.generated else None,
        "written": [(resource, _files(resource)) for resource in resources],
    }


def _files(resource: RenderedResource) -> list[CodeFile]:
    return [code_file(name, text) for name, text in in_order(resource.files)]


def _with_preview(
    request: PageRequest, form: ProvisionForm, shown: Context, status: int
) -> HttpResponse:
    asked = tuple(question.id for question in shown.get("questions", ()))
    context = {"form": form, "previewed": True, "chips": chips(form, asked), **shown}
    if request.htmx:
        return render(
            request, "provisioning/_preview.html", context | {"oob": True}, status=min(status, 422)
        )
    return form_page(request, form, context, status)


def _edit_refused(
    request: PageRequest, form: ProvisionForm, base: Preview | None, error: InvalidInputError
) -> HttpResponse:
    """The preview as it was, with the reason beside the control that cannot have its new value."""
    # A control's place begins with its resource's number; other fields are the form's.
    if base is None or not error.field[:1].isdigit():
        return refused(request, form, error)
    said = form.edits.get(error.field, "")
    try:
        shown = _shown(request, services.shown_again(base), {error.field: (said, error.message)})
    except PortalError as broken:
        return _not_previewed(request, form, broken)
    return _with_preview(request, form, shown | {"refused": error.message}, 422)


def _not_previewed(request: PageRequest, form: ProvisionForm, error: PortalError) -> HttpResponse:
    questions = error.questions if isinstance(error, ClarificationNeededError) else ()
    violations = error.violations if isinstance(error, PolicyViolationError) else ()
    shown = {
        "error": error.message,
        "failure": error,
        "questions": questions,
        "broken": corrections(wiring.catalog(), None, violations),
        "told": [LOST_ANSWERS] if form.answers_lost else [],
    }
    # What may be better in a minute is the portal's fault, everything else the text's.
    return _with_preview(request, form, shown, 503 if error.retryable else 422)
