"""A submission as its caller may send it: whose it is, and for which of their teams."""

from dataclasses import replace

from provisioning.domain import Submission
from provisioning.domain.identity import Caller
from provisioning.identity.requesters import Requester, requester_of, team_of
from provisioning.requests.services.screening import validate_submission
from provisioning.requests.services.visibility import visible_to


def asked_by(caller: Caller, submission: Submission) -> tuple[Submission, Requester]:
    """Checked, with requester and team by their names here. Raises `InvalidInputError`."""
    own = "" if caller.is_program else caller.name
    checked = validate_submission(replace(submission, requester=submission.requester or own))
    requester = requester_of(caller, checked.requester)
    return replace(checked, requester=requester.name, team=_team(caller, checked)), requester


def previewed_for(caller: Caller, submission: Submission) -> Submission:
    """As `asked_by`, of somebody who need not say for whom. Raises `InvalidInputError`."""
    checked = validate_submission(submission)
    return replace(checked, team=_team(caller, checked))


def _team(caller: Caller, checked: Submission) -> str:
    """A request that goes on from an earlier one goes on for its team, whoever named that."""
    if checked.team and checked.follow_up_of:
        earlier = visible_to(caller).filter(request_id=checked.follow_up_of, team=checked.team)
        if earlier.exists():
            return checked.team
    return team_of(caller, checked.team)
