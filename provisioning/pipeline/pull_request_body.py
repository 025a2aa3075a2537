"""The description of a pull request: what was asked, what is proposed, where each value comes from, what to look at.

The catalog's words are Markdown of people who may change templates anyway. Everything else goes through `markdown.code`.
"""

from collections.abc import Iterable, Sequence

from provisioning.catalog import Catalog
from provisioning.domain import (
    Check,
    Generated,
    Origin,
    Requirements,
    Resource,
    Submission,
    Value,
)
from provisioning.pipeline.cost import costs
from provisioning.pipeline.markdown import code, fenced, table

LIMIT = 65_536  # of GitHub, in characters; counted here in bytes, which are never fewer
LONGEST_LIST = 60
ORIGINS = {
    "text": "the request:",
    "field": "form field",
    "answer": "answer to",
    "inferred": "concluded from",
    "policy": "policy",
    "default": "",
}


def body(
    catalog: Catalog, request_id: str, submission: Submission, generated: Generated, public_url: str
) -> str:
    """At most `LIMIT` long: parameters come last, and what does not fit is left out with a line that says so."""
    resources = generated.requirements.resources
    address = f"{public_url}/requests/{request_id}"
    lines = [
        *_summary(
            catalog,
            submission,
            generated.requirements,
            f"[{request_id}]({address})" if public_url else request_id,
        ),
        *_resources(catalog, generated),
        *_plan(generated),
        *_cost(catalog, resources),
        *_checks(generated.report.checks),
        *_opt_outs(catalog, resources),
        *_review(catalog, resources),
        *_unmet(generated),
        *_notes(generated),
        *_parameters(catalog, resources),
    ]
    return cut(
        lines,
        f"**Cut here:** a description has room for {LIMIT:,} characters. The rest is in the files.",
    )


def cut(lines: Sequence[str], notice: str, limit: int = LIMIT) -> str:
    """As many whole lines as fit; each line is complete Markdown by itself or a row of a table."""
    size = [len(line.encode()) + 1 for line in lines]
    if sum(size) <= limit:
        return "\n".join(lines)
    room = limit - len(notice.encode()) - 2
    kept = 0
    while room - size[kept] >= 0:
        room -= size[kept]
        kept += 1
    return "\n".join([*lines[:kept], "", notice])


def _summary(
    catalog: Catalog, submission: Submission, requirements: Requirements, link: str
) -> list[str]:
    resources, sentence = requirements.resources, requirements.sentence
    first = resources[0]
    what = f"{catalog.types[first.type].file.title} {code(first.name)} for **{first.environment.value}**"
    others = f" and {len(resources) - 1} more" if resources[1:] else ""
    of = f", team {code(submission.team)}" if submission.team else ""
    of += f", service {code(submission.service)}" if submission.service else ""
    headline = [f"**Understood as:** {code(sentence)}", ""] if sentence else []
    return [
        *headline,
        f"{what}{others}, asked for by {code(submission.requester)}{of} in {link}:",
        "",
        fenced(submission.text),
        "",
    ]


def _resources(catalog: Catalog, generated: Generated) -> list[str]:
    rows = [
        (
            catalog.types[one.type].file.title,
            code(one.aws_name),
            code(rendered.directory),
            code(rendered.template_digest[:12]),
        )
        for one, rendered in zip(generated.requirements.resources, generated.resources, strict=True)
    ]
    return ["### Resources", "", *table(("Type", "Name in AWS", "Directory", "Template"), rows), ""]


def _plan(generated: Generated) -> list[str]:
    plan = generated.report.plan
    if plan is None:
        return []
    counts = f"{plan.add} to add, {plan.change} to change, {plan.destroy} to destroy"
    return [
        "### Plan",
        "",
        f"Offline, against nothing that exists yet: {counts}.",
        "",
        *_list(map(code, plan.resources)),
        "",
    ]


def _cost(catalog: Catalog, resources: Sequence[Resource]) -> list[str]:
    """Nothing where no price is known; never a sum that leaves out silently what it does not know."""
    found = costs(catalog, resources)
    known = [one.usd for one in found if one.usd is not None]
    if catalog.prices is None or not known:
        return []
    unknown = any(one.usd is None for one in found)
    sure = " for what is known here, the rest and usage on top" if unknown else ", usage on top"
    rows = [
        (code(one.resource), code(one.what), "not known" if one.usd is None else f"${one.usd:,.2f}")
        for one in found
    ]
    return [
        "### Cost",
        "",
        f"Estimate: about ${sum(known):,.0f} a month{sure}. Prices of {catalog.prices.date} in {catalog.prices.region}, from "
        f"{catalog.prices.source}.",
        "",
        *table(("Resource", "What", "A month"), rows),
        "",
    ]


def _checks(checks: Sequence[Check]) -> list[str]:
    if not checks:
        return []
    words = {True: "passed", False: "**failed**", None: "skipped"}
    rows = [(code(one.name), code(one.tool), words[one.passed]) for one in checks]
    details = [f"{code(one.name)}: {code(one.detail)}" for one in checks if one.detail]
    return ["### Checks", "", *table(("Check", "By", "Result"), rows), "", *_list(details), ""]


def _opt_outs(catalog: Catalog, resources: Sequence[Resource]) -> list[str]:
    outs = {
        f"{code(out.rule)}: {out.reason}"
        for one in resources
        for out in catalog.types[one.type].file.opt_outs
        if not out.environments or one.environment.value in out.environments
    }
    return (
        ["Rules that the templates do not follow, and why:", "", *_list(sorted(outs)), ""]
        if outs
        else []
    )


def _review(catalog: Catalog, resources: Sequence[Resource]) -> list[str]:
    points = dict.fromkeys(
        point for one in resources for point in catalog.types[one.type].file.review
    )
    return (
        ["### Before you merge", "", *(f"- [ ] {point}" for point in points), ""] if points else []
    )


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
        rows = [
            (code(path), code(format_value(value)), _origin(value.origin))
            for path, value in one.parameters.items()
        ]
        rows += [
            (code(f"tag {name}"), code(format_value(tag)), _origin(tag.origin))
            for name, tag in one.tags.items()
        ]
        lines += [
            "",
            f"{title} {code(one.name)} in {one.environment.value}:",
            "",
            *table(("Parameter", "Value", "From"), rows),
        ]
    return lines


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
    more = [f"- and {len(every) - LONGEST_LIST} more"] if len(every) > LONGEST_LIST else []
    return [f"- {item}" for item in every[:LONGEST_LIST]] + more
