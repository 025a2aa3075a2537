"""People, teams and tokens. Django's user holds the sign-in; a `Person` beside it holds what the portal knows of them."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone

from provisioning.domain.identity import Role, Scope

TEXT: dict[str, Any] = {"blank": True, "default": ""}


class Team(models.Model):
    """Who owns what was asked for. The other names are those under which outside systems know the same team."""

    name = models.CharField(max_length=100, help_text="As it stands in requests and tags")
    oidc_groups = models.JSONField(
        default=list, blank=True, help_text="Values of the groups claim that mean this team"
    )
    backstage_ref = models.CharField(
        max_length=200, **TEXT, help_text="Entity reference, such as group:default/payments"
    )
    github_slug = models.CharField(max_length=100, **TEXT, help_text="The team's slug on GitHub")

    class Meta:
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [
            models.UniqueConstraint(Lower("name"), name="one_team_per_name"),
            models.UniqueConstraint(
                fields=["backstage_ref"], condition=~Q(backstage_ref=""), name="one_team_per_backstage_ref"
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name


class Person(models.Model):
    """One for each of Django's users. `address` is the verified e-mail address, unique without regard to case; it is
    empty while nobody has vouched for it."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="person")
    teams = models.ManyToManyField(Team, blank=True, related_name="members")
    roles = models.JSONField(
        default=list, blank=True, help_text=f"Any of {', '.join(role.value for role in Role)}"
    )
    address = models.CharField(max_length=254, **TEXT, help_text="Verified e-mail address")
    former_addresses = models.JSONField(
        default=list, blank=True, help_text="Addresses that were theirs; they become nobody else's"
    )
    backstage_ref = models.CharField(
        max_length=200, **TEXT, help_text="Entity reference, such as user:default/ana"
    )
    confirmed_at = models.DateTimeField(
        null=True, blank=True, help_text="When single sign-on last vouched for them"
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(Lower("address"), condition=~Q(address=""), name="one_person_per_address"),
            models.UniqueConstraint(
                fields=["backstage_ref"], condition=~Q(backstage_ref=""), name="one_person_per_backstage_ref"
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.address or self.user.get_username()


class ApiToken(models.Model):
    """A program's key. Only the digest of the secret is kept: 256 random bits need no slow hash. `person` is None for a
    service, which sees and asks for what its scopes say, limited to `team` where one is named."""

    name = models.CharField(max_length=100, help_text="What uses the token")
    person = models.ForeignKey(Person, models.CASCADE, null=True, blank=True, related_name="tokens")
    team = models.ForeignKey(Team, models.CASCADE, null=True, blank=True, related_name="tokens")
    prefix = models.CharField(max_length=16, unique=True, help_text="The part that may be shown")
    digest = models.CharField(max_length=64, unique=True, help_text="SHA-256 of the whole token")
    scopes = models.JSONField(
        default=list, help_text=f"Any of {', '.join(scope.value for scope in Scope)}"
    )
    created_by = models.CharField(max_length=254, help_text="Who made it")
    created_at = models.DateTimeField(
        default=timezone.now, editable=False, help_text="When it was made"
    )
    expires_at = models.DateTimeField(null=True, blank=True, help_text="Null: never")
    last_used_at = models.DateTimeField(null=True, blank=True, help_text="To within a minute")
    revoked_at = models.DateTimeField(null=True, blank=True, help_text="Null while it is good")

    class Meta:
        ordering: ClassVar = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"
