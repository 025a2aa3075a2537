"""What a pull request consists of: branch, commit, title, labels, reviewers. Pure, and the same at each attempt."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from provisioning.catalog import Catalog, names
from provisioning.catalog.format import PullRequestOptions
from provisioning.domain import (
    TRAIL_TRAILER,
    Change,
    Generated,
    PlacementQuery,
    RenderedResource,
    Requirements,
    Resource,
    request_trailer,
)
from provisioning.errors import DirectoryConflictError
from provisioning.pipeline.publication import Publication
from provisioning.pipeline.pull_request_body import body

# GitHub takes 256; the rest is for " and 12 more".
LONGEST_TITLE = 200


@dataclass(frozen=True, slots=True)
class Publishing:
    """The settings' part, to which the catalog adds for a resource type or an environment."""

    public_url: str = ""
    # So that a team can filter the portal's pull requests before it has set anything.
    labels: tuple[str, ...] = ("infrallm",)
    reviewers: tuple[str, ...] = ()
    team_reviewers: tuple[str, ...] = ()
    draft: bool = False
    sign_off: str = ""


def placement_query(
    catalog: Catalog, request_id: str, generated: Generated, stored_branch: str = ""
) -> PlacementQuery:
    """`stored_branch` is what an earlier attempt chose; without one nothing can have been begun."""
    branches = branch_candidates(catalog, request_id, generated.requirements)
    # What was chosen once comes first: the catalog's pattern may have changed between two attempts.
    wanted = [stored_branch, *branches] if stored_branch else branches
    directories = [resource.directory for resource in generated.resources]
    return PlacementQuery(
        request_id,
        branches=tuple(dict.fromkeys(wanted)),
        directories=tuple(directories),
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
    if others:
        name += f"-and-{len(others)}-more"
    # Six of its twelve hexadecimal digits: short enough to read, and a clash would also need the same name.
    short_id = request_id.removeprefix("req-")[:6]
    return name, f"{name}-{short_id}"


def refuse_taken(taken: Mapping[str, str]) -> None:
    """Raises `DirectoryConflictError` with a link for each directory that is taken; nothing where none is."""
    if taken:
        places = "; ".join(f"{directory} is taken by {link}" for directory, link in taken.items())
        raise DirectoryConflictError(
            f"{places}. Ask for another name, or change what is there in its own pull request."
        )


def taken_by_open(wanted: Sequence[str], changed: Mapping[str, str]) -> dict[str, str]:
    """Of the wanted directories, those in or below which an open pull request changes something, with its link."""
    taken = {}
    for directory in wanted:
        for other, link in changed.items():
            # With its slash: "rds/payments" is not "rds/payments-api".
            if other == directory or other.startswith(f"{directory}/"):
                taken[directory] = link
    return taken


def change(
    catalog: Catalog, publishing: Publishing, publication: Publication, branch: str
) -> Change:
    resources = publication.generated.requirements.resources
    rendered = publication.generated.resources
    title = _title(catalog, resources)
    options = _combined(publishing, _options(catalog, resources))
    description = body(catalog, publication, publishing.public_url)
    return Change(
        request_id=publication.request_id,
        branch=branch,
        title=title,
        body=description,
        commit_message=_commit_message(title, publishing, publication),
        # Git keeps whole seconds. The request's own time makes the commit the same at each attempt.
        committed_at=publication.created_at.replace(microsecond=0),
        files=_files(rendered),
        directories=tuple(one.directory for one in rendered),
        labels=_union(options.labels, _kinds(resources)),
        reviewers=options.reviewers,
        team_reviewers=options.team_reviewers,
        draft=options.draft,
        fresh=publication.fresh,
    )


def _files(rendered: Sequence[RenderedResource]) -> dict[str, str]:
    files = {}
    for one in rendered:
        for name, text in one.files.items():
            files[f"{one.directory}/{name}"] = text
    return files


def _kinds(resources: Sequence[Resource]) -> tuple[str, ...]:
    """Labels by which a platform team filters its pull requests."""
    kinds: list[str] = []
    for one in resources:
        kinds += [str(one.environment.value), one.type]
    return tuple(kinds)


def _options(catalog: Catalog, resources: Sequence[Resource]) -> list[PullRequestOptions]:
    """Each environment's and each type's once, however many resources there are of them."""
    environments = dict.fromkeys(str(one.environment.value) for one in resources)
    types = dict.fromkeys(one.type for one in resources)
    options = []
    for environment in environments:
        options.append(catalog.platform.environments[environment].pull_request)
    for name in types:
        options.append(catalog.types[name].file.pull_request)
    return options


def _combined(publishing: Publishing, options: Sequence[PullRequestOptions]) -> Publishing:
    """Everybody's labels and reviewers; whoever wants a draft gets one, since that is the more careful choice."""
    combined = publishing
    for one in options:
        combined = replace(
            combined,
            labels=_union(combined.labels, one.labels),
            reviewers=_union(combined.reviewers, one.reviewers),
            team_reviewers=_union(combined.team_reviewers, one.team_reviewers),
            draft=combined.draft or one.draft,
        )
    return combined


def _title(catalog: Catalog, resources: Sequence[Resource]) -> str:
    """Checked identifiers and the catalog's words only: GitHub acts on what titles and commit messages say."""
    first, *others = resources
    kind = catalog.types[first.type].file.title
    title = f"Add {first.environment.value} {kind} {first.name}"[:LONGEST_TITLE]
    return f"{title} and {len(others)} more" if others else title


def _commit_message(title: str, publishing: Publishing, publication: Publication) -> str:
    directories = [f"- {one.directory}" for one in publication.generated.resources]
    trailers = [request_trailer(publication.request_id)]
    if publishing.sign_off:
        trailers.append(f"Signed-off-by: {publishing.sign_off}")
    if publication.trail_head:
        trailers.append(f"{TRAIL_TRAILER}: {publication.trail_head}")
    # Git takes the last paragraph for trailers only if nothing else stands in it.
    paragraphs = [title, "\n".join(directories), "\n".join(trailers)]
    return "\n\n".join(paragraphs) + "\n"


def _union(one: Sequence[str], other: Sequence[str]) -> tuple[str, ...]:
    """Each once, in the order in which they came."""
    return tuple(dict.fromkeys([*one, *other]))
