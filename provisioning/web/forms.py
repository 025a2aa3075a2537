"""What people type. The forms carry it; `services.submit` and the pipeline judge it, so that page and API say the same."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any, cast

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.models import User
from django.http import QueryDict

from provisioning import wiring
from provisioning.domain import Submission
from provisioning.domain.identity import Role, Scope
from provisioning.errors import InvalidInputError
from provisioning.identity import confirmation
from provisioning.models import Person, ProvisionRequest, Team
from provisioning.pipeline.screen import MAX_CHARACTERS

ANSWER = "answer."
EDIT = "set."
ERROR_FIELDS = {"request": "text"}
SHOWN_OF = ("text", "environment", "team", "service")
CONTENT = (*SHOWN_OF, "follow_up_of")


class SignInForm(AuthenticationForm):
    error_messages = {  # noqa: RUF012  Django's own attribute
        "invalid_login": "User name or password is wrong.",
        # The same words for both: which accounts exist is nobody's business.
        "inactive": "User name or password is wrong.",
    }

    def clean_username(self) -> str:
        """An address means whose it is, however its letters are written."""
        typed: str = self.cleaned_data["username"]
        found = Person.objects.filter(address__iexact=typed).select_related("user").first()
        return found.user.get_username() if "@" in typed and found else typed

    def confirm_login_allowed(self, user: User) -> None:
        """Called once the password was right."""
        super().confirm_login_allowed(user)
        if confirmation.has_lapsed(Person.objects.get(user=user)):
            name = wiring.portal().oidc_name
            raise forms.ValidationError(
                f"Sign in with {name} once: it has not confirmed you for too long."
            )


class PersonForm(forms.Form):
    roles = forms.MultipleChoiceField(
        choices=[(role.value, role.value) for role in Role], required=False
    )
    teams = forms.ModelMultipleChoiceField(Team.objects.all(), required=False)


class InviteForm(forms.Form):
    address = forms.CharField(max_length=150)  # it becomes the user name, which Django cuts there
    teams = forms.ModelMultipleChoiceField(Team.objects.all(), required=False)


class TeamForm(forms.Form):
    """The names that other systems have for a team; one group of the provider a line."""

    oidc_groups = forms.CharField(required=False, max_length=10_000)
    backstage_ref = forms.CharField(required=False, max_length=200)
    github_slug = forms.CharField(required=False, max_length=100)

    def other_names(self) -> dict[str, Any]:
        """Of a form that was checked."""
        said = self.cleaned_data
        lines = [line.strip() for line in said["oidc_groups"].splitlines()]
        return {**said, "oidc_groups": [line for line in lines if line]}


class NewTeamForm(TeamForm):
    name = forms.CharField(max_length=100)

    def other_names(self) -> dict[str, Any]:
        names = super().other_names()
        del names["name"]
        return names


class TokenForm(forms.Form):
    """`allowed` are the scopes that who asks may give away."""

    name = forms.CharField(max_length=100)
    holder = forms.ChoiceField(
        choices=[("person", "Me"), ("service", "A service")], required=False, initial="person"
    )
    scopes = forms.MultipleChoiceField(error_messages={"required": "Choose at least one scope."})
    # A token without an end outlives whoever made it.
    days = forms.IntegerField(min_value=1, max_value=365, initial=90)

    def __init__(self, allowed: Iterable[Scope], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(scope.value, scope.value) for scope in allowed]
        cast(forms.MultipleChoiceField, self.fields["scopes"]).choices = choices


class ProvisionForm(forms.Form):
    """Every field may be empty here; `submission` and the services behind it say what is wrong."""

    # Not stripped: spans of quoted words count from the text's first character.
    text = forms.CharField(required=False, strip=False)
    environment = forms.CharField(required=False)
    team = forms.CharField(required=False)
    service = forms.CharField(required=False)
    idempotency_key = forms.CharField(required=False, max_length=64)
    preview = forms.CharField(required=False, max_length=64)
    answers_to = forms.CharField(required=False, max_length=64)
    drop = forms.CharField(required=False, max_length=200)
    instead = forms.CharField(required=False, max_length=700)
    undo = forms.CharField(required=False, max_length=200)
    follow_up_of = forms.CharField(required=False, max_length=16)

    limit = MAX_CHARACTERS

    @property
    def environments(self) -> dict[str, str]:
        return {
            name: environment.title
            for name, environment in wiring.catalog().platform.environments.items()
        }

    def submission(self, requester: str) -> Submission:
        """Of a form that was checked."""
        said = self.cleaned_data
        return Submission(
            text=said["text"],
            requester=requester,
            team=said["team"],
            service=said["service"],
            environment=said["environment"] or None,
            answers=self.answers,
            follow_up_of=said["follow_up_of"],
        )

    @property
    def shown_of(self) -> str:
        """The fields that a preview was made of, for the page to notice that they have changed."""
        return json.dumps([self.data.get(name) or "" for name in SHOWN_OF])

    @property
    def sentence(self) -> str:
        """Names the sentence that answers are to."""
        plain = " ".join((self.data.get("text") or "").split())
        return hashlib.sha256(plain.encode(errors="replace")).hexdigest()[:16]

    @cached_property
    def answers_lost(self) -> bool:
        """Whether there are answers, to another sentence than the one that stands here now."""
        to = self.cleaned_data["answers_to"]
        return bool(to and to != self.sentence and answers(self.data))

    @cached_property
    def answers(self) -> dict[str, str]:
        given = {} if self.answers_lost else answers(self.data)
        given.pop(self.cleaned_data["drop"], None)
        place, _, value = self.cleaned_data["instead"].partition("=")
        return given | {place: value} if place and not place[0].isdigit() else given

    @cached_property
    def edits(self) -> dict[str, str]:
        """What the preview's controls hold, by their places; a switch is a hidden "no" before its "yes"."""
        said = {
            name.removeprefix(EDIT): cast(QueryDict, self.data)
            .getlist(name)[-1]
            .replace("\r\n", "\n")
            .strip()
            for name in self.data
            if name.startswith(EDIT)
        }
        place, _, value = self.cleaned_data["instead"].partition("=")
        return said | {place: value} if place[:1].isdigit() else said

    def refuse(self, error: InvalidInputError) -> None:
        """Puts the error where it belongs; what is no field of the form stands above it."""
        name = ERROR_FIELDS.get(error.field, error.field)
        self.add_error(name if name in self.fields else None, error.message)

    def key(self, edits: Mapping[str, str]) -> str | None:
        """One per page load and content: a second click is the same request, a corrected sentence or a changed value
        is another one."""
        base = self.cleaned_data["idempotency_key"]
        if not base:
            return None
        content = {name: self.cleaned_data[name] for name in CONTENT}
        whole = repr([sorted(one.items()) for one in (content, self.answers, edits)])
        return f"page-{base}-{hashlib.sha256(whole.encode(errors='replace')).hexdigest()[:16]}"


def answers(data: QueryDict | Any) -> dict[str, str]:
    """The answers among posted fields: a question's own text field wins over its choices when something stands in it."""
    given = {}
    for name in data:
        if name.startswith(ANSWER):
            said = [value.strip() for value in data.getlist(name) if value.strip()]
            if said:
                given[name.removeprefix(ANSWER)] = said[-1]
    return given


def copy_of(provision_request: ProvisionRequest) -> dict[str, str]:
    """The form's first values for "Edit and resubmit"."""
    return {
        "text": provision_request.text,
        "environment": provision_request.environment,
        "team": provision_request.team,
        "service": provision_request.service,
        "follow_up_of": provision_request.request_id,
    }
