from django.contrib.auth.models import AnonymousUser, User
from django.db.models import Q, QuerySet

from provisioning.models import ProvisionRequest


def visible_to(user: User | AnonymousUser) -> QuerySet[ProvisionRequest]:
    """Own requests and those of the teams (groups) the user belongs to; everything for staff, nothing for strangers."""
    if not user.is_authenticated:
        return ProvisionRequest.objects.none()
    if user.is_staff:
        return ProvisionRequest.objects.all()
    teams = list(user.groups.values_list("name", flat=True))
    return ProvisionRequest.objects.filter(Q(user=user) | Q(team__in=teams))
