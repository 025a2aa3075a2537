"""Django's admin: what was stored, to read and never to change; users and groups are the superusers' to change.

Made for a million rows: no filter that needs `SELECT DISTINCT`, no search that an index does not serve, no full count.
"""

from typing import Any

from django.contrib import admin
from django.core.paginator import Paginator
from django.db.models import Field, JSONField, Model, QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property
from django_q.models import Failure, OrmQ, Schedule, Success

from provisioning.models import ProvisionRequest, PullRequest, RequestEvent

LISTED_AT_MOST = 10_000
LARGE_COLUMNS = ("requirements_json", "generated_json")
OF_THE_REQUEST = tuple(f"provision_request__{column}" for column in LARGE_COLUMNS)


class CappedPaginator(Paginator):  # type: ignore[type-arg]  # Django's is not generic when it runs
    """Counts, and so reaches, only the first rows; older ones are found by search and filter."""

    @cached_property
    def count(self) -> int:
        rows: QuerySet[Model] = self.object_list  # type: ignore[assignment]
        return rows[:LISTED_AT_MOST].count()


class ReadOnly:
    """For whom the site opens. Nobody adds, changes or deletes: the portal's services do."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return True

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return True

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class Events(ReadOnly, admin.TabularInline):  # type: ignore[type-arg]
    model = RequestEvent
    fields = readonly_fields = ("version", "at", "actor", "attempt", "status", "detail")
    ordering = ("version",)


def _is_json(column: Field) -> bool:  # type: ignore[type-arg]  # Django's is not generic when it runs
    return isinstance(column, JSONField)


class Stored(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    paginator = CappedPaginator
    show_full_result_count = False
    list_per_page = 50
    large: tuple[str, ...] = ()  # columns that only the page of one row needs

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).defer(*self.large)

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        return [column.name for column in self.model._meta.fields if not _is_json(column)]

    def get_exclude(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        """Walls of JSON are for programs: the request's own page says the same in words."""
        return [column.name for column in self.model._meta.fields if _is_json(column)]


@admin.register(ProvisionRequest)
class ProvisionRequestAdmin(Stored):
    list_display = (
        "request_id",
        "created_at",
        "requester",
        "team",
        "status",
        "error_code",
        "attempt",
    )
    list_filter = ("status",)
    search_fields = ("request_id__exact", "requester__exact", "team__exact")
    search_help_text = "A request's id, a requester or a team, written in full"
    inlines = (Events,)
    large = LARGE_COLUMNS


@admin.register(RequestEvent)
class RequestEventAdmin(Stored):
    list_display = ("provision_request", "at", "actor", "status", "detail")
    list_select_related = ("provision_request",)
    large = OF_THE_REQUEST
    ordering = ("-id",)
    search_fields = ("provision_request__request_id__exact",)
    search_help_text = "A request's id, written in full"


@admin.register(PullRequest)
class PullRequestAdmin(Stored):
    list_display = ("number", "provision_request", "state", "opened_at", "look_at", "url")
    list_select_related = ("provision_request",)
    large = OF_THE_REQUEST
    ordering = ("-id",)
    search_fields = ("number__exact", "provision_request__request_id__exact")
    search_help_text = "A number or a request's id, written in full"

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[PullRequest], search_term: str
    ) -> tuple[QuerySet[PullRequest], bool]:
        term = search_term.strip().removeprefix("#")
        return super().get_search_results(request, queryset, term)


for queue in (Success, Failure, Schedule, OrmQ):
    admin.site.unregister(
        queue
    )  # changed by hand, a queue contradicts the requests that are the truth
