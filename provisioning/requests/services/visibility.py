from collections.abc import Iterable

from django.db.models import CharField, Q, QuerySet
from django.db.models.functions import Lower

from provisioning.domain import Resource
from provisioning.domain.identity import Action, Caller, Target
from provisioning.identity import rights
from provisioning.identity.denials import note_denial
from provisioning.models import ProvisionRequest

CharField.register_lookup(Lower)


def visible_to(caller: Caller) -> QuerySet[ProvisionRequest]:
    """The requests that `rights.decide` lets the caller see, as one query: it must say the same for each row."""
    if not rights.may(caller, Action.SEE):
        return ProvisionRequest.objects.none()
    if rights.sees_everything(caller):
        return ProvisionRequest.objects.all()
    if caller.is_program:
        return ProvisionRequest.objects.filter(_is_any("team", caller.teams))
    own = Q(user_id=caller.user) | _is_any("requester", caller.names)
    return ProvisionRequest.objects.filter(own | _is_any("team", caller.teams))


def find_visible(caller: Caller, request_id: str, *related: str) -> ProvisionRequest | None:
    """None for an unknown id and for one of somebody else's alike; the second is an event of the trail."""
    found = visible_to(caller).select_related(*related).filter(request_id=request_id).first()
    if found is None and ProvisionRequest.objects.filter(request_id=request_id).exists():
        note_denial(Action.SEE, "request", request_id)
    return found


def target_of(row: ProvisionRequest, production: frozenset[str] = frozenset()) -> Target:
    """`production` are the environments in which merging needs a second person."""
    environments = {resource.environment.value for resource in _resources(row)}
    return Target(row.requester, row.user_id, row.team, not environments.isdisjoint(production))


def _resources(row: ProvisionRequest) -> tuple[Resource, ...]:
    return row.understood.resources if row.understood else ()


def _is_any(field: str, names: Iterable[str]) -> Q:
    """Compares without regard to case, through an index on the lower form."""
    return Q(**{f"{field}__lower__in": [name.lower() for name in names]})
