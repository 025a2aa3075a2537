"""What a request consists of beside its status: its events and its files."""

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from provisioning.api.answers import NOT_FOUND, REFUSALS
from provisioning.api.auth import Session, Token, demo
from provisioning.api.errors import NotFoundError
from provisioning.api.found import visible_row
from provisioning.api.limits import enter
from provisioning.api.schemas.parts import EventList, EventOut, FilesOut
from provisioning.domain.identity import Action
from provisioning.identity.limits import Kind
from provisioning.requests.archive import files_of, zipped

router = Router(auth=[Token(), Session(), demo])
LARGEST_VERSION = 2_147_483_647  # of Postgres's integer


@router.get(
    "/requests/{request_id}/events",
    response={200: EventList, **REFUSALS, **NOT_FOUND},
    tags=["status"],
    operation_id="request_events",
    summary="History of a request, oldest first",
)
def request_events(
    request: HttpRequest,
    request_id: str,
    after: int = Query(  # type: ignore[type-arg]
        0, ge=0, le=LARGEST_VERSION, description="Only events of later versions than this"
    ),
) -> EventList:
    """Each change of its state and each note, with who made it. `after` is the `version` of the last event that is known."""
    caller = enter(request, Action.SEE, Kind.READ, ("after",))
    row = visible_row(caller, request_id)
    events = [EventOut.from_orm(event) for event in row.events.filter(version__gt=after)]
    return EventList(request_id=request_id, events=events, count=len(events))


@router.get(
    "/requests/{request_id}/files",
    response={200: FilesOut, **REFUSALS, **NOT_FOUND},
    tags=["files"],
    operation_id="request_files",
    summary="Terraform files of a request",
)
def request_files(request: HttpRequest, request_id: str) -> FilesOut:
    """As they were written for its pull request; none until then."""
    caller = enter(request, Action.SEE, Kind.READ)
    files = files_of(visible_row(caller, request_id))
    return FilesOut(request_id=request_id, files=files, count=len(files))


@router.get(
    "/requests/{request_id}/files.zip",
    response={200: bytes, **REFUSALS, **NOT_FOUND},
    tags=["files"],
    operation_id="request_archive",
    summary="The same files as a zip archive",
    openapi_extra={
        "responses": {
            200: {
                "content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}}
            }
        }
    },
)
def request_archive(request: HttpRequest, request_id: str) -> HttpResponse:
    """404 until there are files. The same files give the same bytes."""
    caller = enter(request, Action.SEE, Kind.READ)
    files = files_of(visible_row(caller, request_id))
    if not files:
        raise NotFoundError(f"Request {request_id} has no files yet")
    disposition = f'attachment; filename="{request_id}.zip"'
    return HttpResponse(
        zipped(files), "application/zip", headers={"Content-Disposition": disposition}
    )
