"""What a person can do about each error code of `provisioning.errors`: one sentence and the buttons that help."""

from collections.abc import Mapping
from dataclasses import dataclass

from provisioning import errors


@dataclass(frozen=True, slots=True)
class Advice:
    """`title` stands above the error's own sentence."""

    title: str
    next_step: str
    retry: bool = False
    edit: bool = True


_ADVICE: Mapping[type[errors.PortalError], Advice] = {
    errors.ClarificationNeededError: Advice(
        "An answer is needed",
        "Nothing was guessed. A new request goes on from here with what you answer.",
    ),
    errors.OutOfScopeError: Advice(
        "The portal does not offer this",
        "Look at the catalog for what can be asked for, or talk to the platform team.",
    ),
    errors.NotAllowedError: Advice(
        "Not everybody may ask for this",
        "The sentence says who may; an administrator can grant it.",
        retry=True,
    ),
    errors.PolicyViolationError: Advice(
        "A policy of the platform forbids this",
        "Change what the rule names and send the request again.",
    ),
    errors.CheckFailedError: Advice(
        "The Terraform did not pass a check",
        "Nothing was published. This is the platform team's to mend; tell them the request's id.",
    ),
    errors.DirectoryConflictError: Advice(
        "The name is taken",
        "Ask for a change of what is there, or use another name in the sentence.",
    ),
    errors.SameUnderwayError: Advice(
        "The same is on its way",
        "Nothing to do: this request shares that pull request.",
        edit=False,
    ),
    errors.PullRequestClosedError: Advice(
        "Its pull request was closed",
        "Reopen it at the repository, or send the request again as a new one.",
    ),
    errors.UpstreamUnavailableError: Advice(
        "A service that the portal needs did not answer",
        "Nothing is lost. Try again in a minute.",
        retry=True,
    ),
    errors.UpstreamOverloadedError: Advice(
        "A service that the portal needs is overloaded",
        "Nothing is lost. Try again in a few minutes.",
        retry=True,
    ),
    errors.UpstreamTimeoutError: Advice(
        "A service that the portal needs took too long",
        "Nothing is lost. Try again in a minute.",
        retry=True,
    ),
    errors.UpstreamUnreachableError: Advice(
        "A service that the portal needs cannot be reached",
        "Nothing is lost. Try again in a minute.",
        retry=True,
    ),
    errors.RateLimitedError: Advice(
        "A service that the portal needs asks for a pause",
        "Nothing is lost. Try again in a few minutes.",
        retry=True,
    ),
    errors.BranchTakenError: Advice(
        "The branch's name is taken", "Try again: the next attempt takes another name.", retry=True
    ),
    errors.CredentialInTextError: Advice(
        "The text seems to hold a secret", "Take it out and send the request again."
    ),
    errors.UpstreamRefusedError: Advice(
        "A service refuses the portal",
        "An operator must mend its key or permission; then try again.",
        retry=True,
    ),
    errors.UpstreamKeyRefusedError: Advice(
        "A service does not accept the portal's key",
        "An operator must mend the key; then try again.",
        retry=True,
    ),
    errors.ModelRefusedError: Advice(
        "The model declined to read this", "Say it in other words and send it again."
    ),
    errors.AnswerCutOffError: Advice(
        "The model could not finish its answer", "Ask for fewer resources at once."
    ),
    errors.AnswerUnreadableError: Advice(
        "The model's answer could not be read",
        "Try again; answers differ from one time to the next.",
        retry=True,
    ),
    errors.CancelledError: Advice("Cancelled", "No pull request was opened."),
    errors.InvalidInputError: Advice(
        "Something in the request cannot be used", "Change it and send the request again."
    ),
}
BY_CODE = {error.code: advice for error, advice in _ADVICE.items()}
UNKNOWN = Advice(
    "Something went wrong in the portal",
    "Try again. If it fails again, tell the platform team the request's id.",
    retry=True,
)


def advice(code: str) -> Advice:
    return BY_CODE.get(code, UNKNOWN)
