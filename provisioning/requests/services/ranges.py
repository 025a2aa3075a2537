"""An address range for each new network, which no other one has: looked for at a preview, held from the first attempt on."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from ipaddress import IPv4Network

from django.db import IntegrityError, transaction

from provisioning import wiring
from provisioning.catalog import names
from provisioning.catalog.networks import free_ranges, networks_in_use
from provisioning.domain import Origin, Requirements, Resource, Value, Violation
from provisioning.errors import PolicyViolationError
from provisioning.models import NetworkRange, ProvisionRequest


@dataclass(frozen=True, slots=True)
class WantedRange:
    """`path` is the parameter that holds the range. One that nobody stated may become another one."""

    resource: Resource
    path: str

    @property
    def directory(self) -> str:
        catalog, one = wiring.catalog(), self.resource
        return names.directory(catalog, one.type, str(one.environment.value), one.name)

    @property
    def value(self) -> Value:
        return self.resource.parameters[self.path]

    @property
    def stated(self) -> bool:
        return self.value.origin.kind != "default"

    def candidates(self) -> Iterator[str]:
        """What it holds already comes first: a preview showed it."""
        yield str(self.value.value)
        if not self.stated:
            yield from free_ranges(wiring.catalog().platform, str(self.resource.environment.value))


def with_free_ranges(requirements: Requirements) -> Requirements:
    """What `with_held_ranges` would give now; holds nothing. Raises `PolicyViolationError` for a stated range that overlaps with
    another network's, and where the environment's pool is used up."""
    given: dict[str, str] = dict(NetworkRange.objects.values_list("directory", "cidr"))
    return _placed(requirements, lambda one: _found(one, given))


def with_held_ranges(claimed: ProvisionRequest, requirements: Requirements) -> Requirements:
    """The same again on each attempt, for a range belongs to its directory. Raises as `with_free_ranges` does."""
    return _placed(requirements, lambda one: _held(claimed, one))


def release_ranges(failed: ProvisionRequest) -> None:
    """Nothing came of it, so others may have them. Once it has a branch they stay: its pull request may be there although
    nobody could store it."""
    if not failed.branch_name:
        failed.ranges.all().delete()


def _placed(requirements: Requirements, place: Callable[[WantedRange], str]) -> Requirements:
    resources = tuple(_with_range(resource, place) for resource in requirements.resources)
    return replace(requirements, resources=resources)


def _with_range(resource: Resource, place: Callable[[WantedRange], str]) -> Resource:
    for name, parameter in wiring.catalog().types[resource.type].parameters.items():
        if parameter.allocated and name in resource.parameters:
            wanted = WantedRange(resource, name)
            value = _value(wanted, place(wanted))
            resource = replace(resource, parameters={**resource.parameters, name: value})
    return resource


def _value(wanted: WantedRange, cidr: str) -> Value:
    if wanted.stated:
        return wanted.value
    return Value(cidr, Origin("default", f"a free range of {wanted.resource.environment.value}"))


def _found(wanted: WantedRange, given: dict[str, str]) -> str:
    known = given.get(wanted.directory)
    if known:
        return _known(wanted, known)
    _refuse_the_platforms_own(wanted)
    for cidr in wanted.candidates():
        if not _overlapping(cidr, given.values()):
            # Or two new networks of one request would be shown the same range.
            given[wanted.directory] = cidr
            return cidr
    raise _refusal(wanted)


def _held(claimed: ProvisionRequest, wanted: WantedRange) -> str:
    rows = NetworkRange.objects.filter(directory=wanted.directory)
    # Closed is without a merge: that network was never built, so its range is free.
    rows.filter(provision_request__pull_request__state="closed").delete()
    _refuse_the_platforms_own(wanted)
    for cidr in wanted.candidates():
        # Asked in each round: another worker may have taken one for this directory meanwhile.
        known = rows.first()
        if known:
            return _known(wanted, known.cidr)
        if _taken(claimed, wanted.directory, cidr):
            return cidr
    raise _refusal(wanted)


def _known(wanted: WantedRange, cidr: str) -> str:
    if wanted.stated and wanted.value.value != cidr:
        raise _refused(
            wanted, f"{wanted.directory} has the range {cidr} already. Ask for another name."
        )
    return cidr


def _taken(claimed: ProvisionRequest, directory: str, cidr: str) -> bool:
    """Two workers may want the same at once; Postgres lets one have it, and the other looks again."""
    if _overlapping(cidr, NetworkRange.objects.values_list("cidr", flat=True)):
        return False
    try:
        # A savepoint: after a refused INSERT Postgres runs nothing more in the same transaction.
        with transaction.atomic():
            NetworkRange.objects.create(directory=directory, cidr=cidr, provision_request=claimed)
    except IntegrityError:
        return False
    return True


def _overlapping(cidr: str, others: Iterable[str]) -> bool:
    return any(IPv4Network(cidr).overlaps(IPv4Network(other)) for other in others)


def _refuse_the_platforms_own(wanted: WantedRange) -> None:
    """What `free_ranges` leaves out nobody may state either."""
    cidr = wanted.value.value
    for own in networks_in_use(wiring.catalog().platform) if wanted.stated else ():
        if _overlapping(str(cidr), [str(own)]):
            sentence = f"{cidr} overlaps with {own}, a network of the platform itself."
            raise _refused(wanted, f"{sentence} State another range, or none.")


def _refusal(wanted: WantedRange) -> PolicyViolationError:
    environment = wanted.resource.environment.value
    if not wanted.stated:
        return _refused(
            wanted,
            f"All ranges that {environment} has for networks are taken. State a free one, or ask the"
            " platform team to add a range to its networks in platform.toml.",
        )
    others = NetworkRange.objects.exclude(directory=wanted.directory).order_by("pk")
    found = (one for one in others if _overlapping(str(wanted.value.value), [one.cidr]))
    holder = next(found, None)
    held = f" of {holder.directory}, which has {holder.cidr}" if holder else " of the same request"
    return _refused(
        wanted,
        f"{wanted.value.value} overlaps with the network{held}. State another range, or none.",
    )


def _refused(wanted: WantedRange, sentence: str) -> PolicyViolationError:
    return PolicyViolationError([Violation(f"{wanted.resource.name}: {sentence}")])
