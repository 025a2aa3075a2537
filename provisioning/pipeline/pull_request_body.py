"""The description of a pull request: what was asked, what is proposed, where each value comes from, what to look at.

The catalog's words are Markdown of people who may change templates anyway. Everything else goes through `markdown.code`.
"""

from collections.abc import Iterable, Sequence

from provisioning.catalog import Catalog
from provisioning.domain import (
    Check,
    Generated,
    Origin,
    Resource,
    Value,
)
from provisioning.domain.identity import known_by
from provisioning.pipeline.cost import Cost
from provisioning.pipeline.estimate import estimate
from provisioning.pipeline.markdown import code, fenced, table
from provisioning.pipeline.publication import Publication

LIMIT = 65_536  # of GitHub, in characters; counted here in bytes, which are never fewer
# A longer list is skimmed at best, and takes from the room that the parameters need.
LONGEST_LIST = 60
# Enough to tell two versions of a template apart; the certificate has the whole digest.
DIGEST_SHOWN = 12
CUT_NOTICE = (
    f"**Cut here:** a description has room for {LIMIT:,} characters. The rest is in the files."
)
RESULTS = {True: "passed", False: "**failed**", None: "skipped"}
ORIGINS = {
    "text": "the request:",
    "field": "form field",
    "answer": "answer to",
    "edit": "set in the preview by",
    "inferred": "concluded from",
    "policy": "policy",
    "default": "",
}


def body(catalog: Catalog, publication: Publication, public_url: str) -> str:
    """At most `LIMIT` long: parameters come last, and what does not fit is left out with a line that says so."""
    generated, request_id = publication.generated, publication.request_id
    resources = generated.requirements.resources
    link = request_id
    if public_url:
        link = f"[{request_id}]({public_url}/requests/{request_id})"
    # In the order in which a reviewer decides: what it is, what it costs, whether it was checked. The
    # longest part is last because it is what gets cut.
    lines = [
        *_summary(catalog, publication, link),
        *_resources(catalog, generated),
        *_plan(generated),
        *_cost(catalog, resources),
        *_checks(generated.report.checks),
        *_opt_outs(catalog, resources),
        *_review(catalog, resources),
        *_unmet(generated),
        *_notes(generated),
        *_trail(publication.trail_head),
        *_parameters(catalog, resources),
    ]
    return cut(lines, CUT_NOTICE)


def cut(lines: Sequence[str], notice: str, limit: int = LIMIT) -> str:
    """As many whole lines as fit; each line is complete Markdown by itself or a row of a table."""
    size = [len(line.encode()) + 1 for line in lines]
    if sum(size) <= limit:
        return "\n".join(lines)
    # A blank line parts the notice from a table, which would otherwise take it in as a row.
    room = limit - len(notice.encode()) - 2
    kept = 0
    while room - size[kept] >= 0:
        room -= size[kept]
        kept += 1
    return "\n".join([*lines[:kept], "", notice])


def _summary(catalog: Catalog, publication: Publication, link: str) -> list[str]:
    submission, requirements = publication.submission, publication.generated.requirements
    first, *others = requirements.resources
    title = catalog.types[first.type].file.title
    what = f"{title} {code(first.name)} for **{first.environment.value}**"
    if others:
        what += f" and {len(others)} more"
    who = code(submission.requester) + _known(publication)
    if submission.team:
        who += f", team {code(submission.team)}"
    if submission.service:
        who += f", service {code(submission.service)}"
    asked = [f"{what}, asked for by {who} in {link}:", "", fenced(submission.text), ""]
    if not requirements.sentence:
        return asked
    # A value that was misread shows best beside the words that it was read from.
    return [f"**Understood as:** {code(requirements.sentence)}", "", *asked]


def _known(publication: Publication) -> str:
    """Whether somebody proved to be the requester, or a program only said so."""
    how = known_by(publication.source)
    if not how:
        return ""
    through = f", through {code(publication.client)}" if publication.client else ""
    return f" ({how}{through})"


def _trail(head: str) -> list[str]:
    """A database that somebody rewrites later contradicts it (`manage.py audit verify --against`)."""
    return ["### Audit", "", f"The trail stood at {code(head)}.", ""] if head else []


def _resources(catalog: Catalog, generated: Generated) -> list[str]:
    rows = []
    for one, rendered in zip(generated.requirements.resources, generated.resources, strict=True):
        title = catalog.types[one.type].file.title
        template = rendered.template_digest[:DIGEST_SHOWN]
        rows.append((title, code(one.aws_name), code(rendered.directory), code(template)))
    head = ("Type", "Name in AWS", "Directory", "Template")
    return ["### Resources", "", *table(head, rows), ""]


def _plan(generated: Generated) -> list[str]:
    plan = generated.report.plan
    if plan is None:
        return []
    counts = f"{plan.add} to add, {plan.change} to change, {plan.destroy} to destroy"
    # The portal holds no cloud credentials, so its plan knows nothing of what exists.
    sentence = f"Offline, against nothing that exists yet: {counts}."
    resources = [code(address) for address in plan.resources]
    return ["### Plan", "", sentence, "", *_list(resources), ""]


def _cost(catalog: Catalog, resources: Sequence[Resource]) -> list[str]:
    """Nothing where the catalog says nothing of prices."""
    found = estimate(catalog, resources)
    if found is None:
        return []
    rows = [(code(one.resource), code(one.what), _a_month(one)) for one in found.items]
    listed = [*table(("Resource", "What", "A month"), rows), ""] if rows else []
    return ["### Cost", "", f"{found.sentence} {found.source}", "", *listed]


def _a_month(one: Cost) -> str:
    if one.usd is None or one.most is None:
        return "not known"
    most = f" to ${one.most:,.2f}" if one.most > one.usd else ""
    return f"${one.usd:,.2f}{most}"


def _checks(checks: Sequence[Check]) -> list[str]:
    if not checks:
        return []
    rows = []
    details = []
    for one in checks:
        rows.append((code(one.name), code(one.tool), RESULTS[one.passed]))
        if one.detail:
            details.append(f"{code(one.name)}: {code(one.detail)}")
    return ["### Checks", "", *table(("Check", "By", "Result"), rows), "", *_list(details), ""]


def _opt_outs(catalog: Catalog, resources: Sequence[Resource]) -> list[str]:
    outs = set()
    for one in resources:
        for out in catalog.types[one.type].file.opt_outs:
            # An opt-out that names no environment is for all of them.
            if not out.environments or one.environment.value in out.environments:
                outs.add(f"{code(out.rule)}: {out.reason}")
    if not outs:
        return []
    return ["Rules that the templates do not follow, and why:", "", *_list(sorted(outs)), ""]


def _review(catalog: Catalog, resources: Sequence[Resource]) -> list[str]:
    points: list[str] = []
    for one in resources:
        points += catalog.types[one.type].file.review
    if not points:
        return []
    boxes = [f"- [ ] {point}" for point in dict.fromkeys(points)]
    return ["### Before you merge", "", *boxes, ""]


def _unmet(generated: Generated) -> list[str]:
    lines = [f"{code(one.quote)}: {code(one.why)}" for one in generated.requirements.unmet]
    return ["### Asked for, and not part of this", "", *_list(lines), ""] if lines else []


def _notes(generated: Generated) -> list[str]:
    notes = generated.requirements.notes
    return ["### Notes", "", *_list(map(code, notes)), ""] if notes else []


def _parameters(catalog: Catalog, resources: Sequence[Resource]) -> list[str]:
    lines = ["### Parameters"]
    for one in resources:
        title = catalog.types[one.type].file.title
        rows = [_row(path, value) for path, value in one.parameters.items()]
        rows += [_row(f"tag {name}", tag) for name, tag in one.tags.items()]
        lines += ["", f"{title} {code(one.name)} in {one.environment.value}:", ""]
        lines += table(("Parameter", "Value", "From"), rows)
    return lines


def _row(name: str, value: Value) -> tuple[str, str, str]:
    return code(name), code(format_value(value)), _origin(value.origin)


def format_value(value: Value) -> str:
    """As in the tfvars file where that is short, for that is where a reviewer meets it again."""
    match value.value:
        case None:
            return "null"
        case bool() as truth:
            return str(truth).lower()
        case tuple() as many:
            return ", ".join(many)
        case other:
            return str(other)


def _origin(origin: Origin) -> str:
    return f"{ORIGINS[origin.kind]} {code(origin.detail)}".strip() if origin.detail else origin.kind


def _list(items: Iterable[str]) -> list[str]:
    every = list(items)
    lines = [f"- {item}" for item in every[:LONGEST_LIST]]
    left_out = len(every) - LONGEST_LIST
    if left_out > 0:
        lines.append(f"- and {left_out} more")
    return lines
