"""Tags and filters of the pages."""

import re
from datetime import datetime
from typing import Any

from django import template
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from provisioning import wiring
from provisioning.domain import CONFIRM, YES, identity
from provisioning.domain.identity import Action, Caller
from provisioning.identity import rights
from provisioning.models import ProvisionRequest, PullRequest
from provisioning.pipeline.confirm import yes_to
from provisioning.web import links
from provisioning.web.chrome import Chrome, chrome_of
from provisioning.web.display import icons, status, words

register = template.Library()


@register.simple_tag
def icon(name: str, css_class: str = "") -> SafeString:
    return icons.icon(name, css_class)


@register.simple_tag(takes_context=True)
def chrome(context: dict[str, Any]) -> Chrome:
    return chrome_of(context["request"])


@register.simple_tag(takes_context=True)
def linked(context: dict[str, Any], sentence: str) -> SafeString:
    return links.linked(sentence, context["request"].caller)


@register.simple_tag
def code_line(name: str, prefix: str, number: int, line: SafeString, anchors: bool = False) -> str:
    """A line of a file; `anchors` puts a link to it over its number. The keyboard has no use for hundreds of them."""
    anchor = ""
    if anchors:
        link = '<a href="#{}-L{}" tabindex="-1" aria-hidden="true"></a>'
        anchor = format_html(link, name, number)
    place = f"{prefix}{name}-L{number}"
    return format_html('<span class="line" id="{}">{}{}</span>', place, anchor, line)


@register.filter
def may(request: HttpRequest, action: str) -> bool:
    """Whether who looks at the page may do this at all; a visitor who has not signed in may nothing."""
    caller: Caller | None = getattr(request, "caller", None)
    return caller is not None and rights.may(caller, Action(action))


@register.filter
def known_by(provision_request: ProvisionRequest) -> str:
    return identity.known_by(provision_request.identity_source)


@register.filter
def pill(provision_request: ProvisionRequest) -> status.Pill:
    return status.pill(provision_request)


@register.filter
def standing(opened: PullRequest) -> list[str]:
    return status.standing(opened)


@register.simple_tag
def answer_value(question_id: str, question: str, choice: str) -> str:
    """What a choice sends: a yes goes with what it is a yes to."""
    return yes_to(question) if question_id == CONFIRM and choice == YES else choice


@register.filter
def choice_title(choice: str, question_id: str) -> str:
    """What a choice is called; only resource types have a name of their own."""
    types = wiring.catalog().types
    return (
        types[choice].file.title if question_id == "resource_type" and choice in types else choice
    )


@register.filter
def duration(seconds: float) -> str:
    return words.duration(seconds)


@register.filter
def ago(moment: datetime) -> str:
    return words.ago(moment)


@register.filter
def day(moment: datetime) -> str:
    return words.day(moment)


@register.filter
def initials(name: str) -> str:
    """ "ana.kovac@acme.dev" → "AK"."""
    parts = re.findall(r"[^\W_]+", name.partition("@")[0])
    # Two letters are what the round mark has room for.
    return "".join(part[0] for part in parts[:2]).upper()
