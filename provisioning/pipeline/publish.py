"""What a pull request consists of: branch, commit, title, labels, reviewers. Pure, and the same at each attempt."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from provisioning.catalog import Catalog, names
from provisioning.domain import (
    Change,
    Generated,
    PlacementQuery,
    Requirements,
    Resource,
    Submission,
    request_trailer,
)
from provisioning.errors import DirectoryConflictError
from provisioning.pipeline.pull_request_body import body

LONGEST_TITLE = 200


@dataclass(frozen=True, slots=True)
class Publishing:
    """The settings' part, to which the catalog adds for a resource type or an environment."""

    public_url: str = ""
    labels: tuple[str, ...] = ("infrallm",)
    reviewers: tuple[str, ...] = ()
    team_reviewers: tuple[str, ...] = ()
    draft: bool = False
    sign_off: str = ""


@dataclass(frozen=True, slots=True)
class Publication:
    """The request's part. `created_at` also dates the commit; `fresh` as in `Change`."""

    request_id: str
    submission: Submission
    generated: Generated
    created_at: datetime
    fresh: bool = False


def placement_query(
    catalog: Catalog, request_id: str, generated: Generated, stored_branch: str = ""
) -> PlacementQuery:
    """`stored_branch` is what an earlier attempt chose; without one nothing can have been begun."""
    branches = branch_candidates(catalog, request_id, generated.requirements)
    return PlacementQuery(
        request_id,
        branches=tuple(dict.fromkeys((stored_branch, *branches) if stored_branch else branches)),
        directories=tuple(resource.directory for resource in generated.resources),
        fresh=not stored_branch,
    )


def branch_candidates(
    catalog: Catalog, request_id: str, requirements: Requirements
) -> tuple[str, str]:
    """The platform's pattern, then the same with the request's short id, which nobody else can have."""
    first, *others = requirements.resources
    name = names.branch(
        catalog,
        catalog.types[first.type],
        str(first.environment.value),
        str(first.application.value),
        {path: value.value for path, value in first.parameters.items()},
    )
    name += f"-and-{len(others)}-more" if others else ""
    return name, f"{name}-{request_id.removeprefix('req-')[:6]}"


def refuse_taken(taken: Mapping[str, str]) -> None:
    if taken:
        places = "; ".join(f"{directory} is taken by {link}" for directory, link in taken.items())
        raise DirectoryConflictError(
            f"{places}. Ask for another name, or change what is there in its own pull request."
        )


def taken_by_open(wanted: Sequence[str], changed: Mapping[str, str]) -> dict[str, str]:
    """Of the wanted directories, those in or below which an open pull request changes something, with its link."""
    return {
        directory: link
        for directory in wanted
        for other, link in changed.items()
        if other == directory or other.startswith(f"{directory}/")
    }


def change(
    catalog: Catalog, publishing: Publishing, publication: Publication, branch: str
) -> Change:
    resources = publication.generated.requirements.resources
    rendered = publication.generated.resources
    applicable = [publishing, *_wishes(catalog, resources)]
    title = _title(catalog, resources)
    kinds = [word for one in resources for word in (str(one.environment.value), one.type)]
    return Change(
        request_id=publication.request_id,
        branch=branch,
        title=title,
        body=body(
            catalog,
            publication.request_id,
            publication.submission,
            publication.generated,
            publishing.public_url,
        ),
        commit_message=f"{title}\n\n{_directories(publication)}\n\n{_trailers(publishing, publication)}\n",
        committed_at=publication.created_at.replace(microsecond=0),
        files={
            f"{one.directory}/{name}": text for one in rendered for name, text in one.files.items()
        },
        directories=tuple(one.directory for one in rendered),
        labels=_union(*(one.labels for one in applicable), tuple(kinds)),
        reviewers=_union(*(one.reviewers for one in applicable)),
        team_reviewers=_union(*(one.team_reviewers for one in applicable)),
        draft=any(one.draft for one in applicable),
        fresh=publication.fresh,
    )


def _wishes(catalog: Catalog, resources: tuple[Resource, ...]) -> list[Publishing]:
    environments = dict.fromkeys(str(one.environment.value) for one in resources)
    types = dict.fromkeys(one.type for one in resources)
    wishes = [catalog.platform.environments[name].pull_request for name in environments]
    wishes += [catalog.types[name].file.pull_request for name in types]
    return [
        Publishing(
            "", tuple(one.labels), tuple(one.reviewers), tuple(one.team_reviewers), one.draft
        )
        for one in wishes
    ]


def _title(catalog: Catalog, resources: tuple[Resource, ...]) -> str:
    """Checked identifiers and the catalog's words only: GitHub acts on what titles and commit messages say."""
    first, *others = resources
    title = f"Add {first.environment.value} {catalog.types[first.type].file.title} {first.name}"
    return (title[:LONGEST_TITLE] + f" and {len(others)} more") if others else title[:LONGEST_TITLE]


def _directories(publication: Publication) -> str:
    return "\n".join(f"- {one.directory}" for one in publication.generated.resources)


def _trailers(publishing: Publishing, publication: Publication) -> str:
    signed = f"\nSigned-off-by: {publishing.sign_off}" if publishing.sign_off else ""
    return f"{request_trailer(publication.request_id)}{signed}"


def _union(*many: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one for few in many for one in few))
