"""Until now a team was a Django group, and the platform team was whoever was staff."""

from typing import Any

from django.db import migrations


def people_of_users(apps: Any, schema_editor: Any) -> None:
    """A second user with the same address (case aside) keeps the account, and gets no address: nobody can say whose it is."""
    users = apps.get_model("auth", "User").objects.order_by("pk")
    people = apps.get_model("provisioning", "Person").objects
    taken: set[str] = set()
    for user in users:
        address = "" if user.email.lower() in taken else user.email
        taken.add(address.lower())
        person = people.create(user=user, address=address, roles=_roles(user))
        person.teams.set(_teams(apps, user))


def only_administrators_are_staff(apps: Any, schema_editor: Any) -> None:
    """Django's admin is for administrators; what the platform team does there has pages of its own."""
    apps.get_model("auth", "User").objects.filter(is_superuser=False).update(is_staff=False)


def _roles(user: Any) -> list[str]:
    if user.is_superuser:
        return ["admin", "platform"]
    return ["platform"] if user.is_staff else []


def _teams(apps: Any, user: Any) -> list[Any]:
    return [_team(apps, name) for name in user.groups.values_list("name", flat=True)]


def _team(apps: Any, name: str) -> Any:
    """Groups that differ in case only are one team."""
    teams = apps.get_model("provisioning", "Team").objects
    return teams.filter(name__iexact=name).first() or teams.create(name=name[:100])


class Migration(migrations.Migration):
    dependencies = [
        ("provisioning", "0008_identity"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        migrations.RunPython(people_of_users, migrations.RunPython.noop),
        migrations.RunPython(only_administrators_are_staff, migrations.RunPython.noop),
    ]
