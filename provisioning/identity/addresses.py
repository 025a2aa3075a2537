"""Whose e-mail address is whose. Requests name their requester by it, so an address that changes hands at its provider
must not bring its new owner what the former one asked for."""

from secrets import token_hex

from django.contrib.auth.models import User
from django.db.models import Q

from provisioning.models import Person
from provisioning.trail import record
from provisioning.trail.record import TrailEntry


def free(address: str, owner: Person | None = None) -> str:
    """The address where nobody but `owner` has it or had it, whatever its case; empty otherwise."""
    folded = address.casefold()
    theirs = Q(address__iexact=address) | Q(former_addresses__contains=[folded])
    others = Person.objects.filter(theirs)
    if owner is not None:
        others = others.exclude(pk=owner.pk)
    return "" if others.exists() else address


def free_names(address: str) -> tuple[str, str]:
    """User name and address for somebody new: the address where it is free, a made-up name and none otherwise."""
    if address and free(address) and not User.objects.filter(username__iexact=address).exists():
        return address, address
    # Nothing out of the claims: a name means whose requests one sees.
    return f"person-{token_hex(4)}", ""


def change(person: Person, address: str) -> None:
    """The provider says that this is their verified address now. What was theirs stays theirs, and becomes nobody else's."""
    is_known = address.casefold() == person.address.casefold()
    if not address or is_known or not free(address, person):
        return
    if person.address:
        person.former_addresses = [*person.former_addresses, person.address.casefold()]
    person.address = address
    person.save(update_fields=["address", "former_addresses"])
    User.objects.filter(pk=person.user_id).update(email=address)
    # Without the addresses: what is sealed cannot be erased.
    record.record(TrailEntry("person.address_changed", "person", str(person.user_id)))
