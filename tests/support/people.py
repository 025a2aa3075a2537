"""People with teams and roles, as an administrator would set them up."""

from typing import TYPE_CHECKING

from provisioning.domain.identity import Role

if TYPE_CHECKING:
    from django.contrib.auth.models import User


def make_user(
    name: str, *teams: str, roles: tuple[Role, ...] = (), address: str | None = None
) -> "User":
    """Nothing of Django is imported before it is called: pytest may load this first."""
    from django.contrib.auth.models import User

    from provisioning.models import Person, Team

    email = f"{name}@example.com" if address is None else address
    user = User.objects.create_user(name, email)
    person = Person.objects.get(user=user)
    person.roles = [role.value for role in roles]
    person.save()
    person.teams.set([Team.objects.get_or_create(name=team)[0] for team in teams])
    return user
