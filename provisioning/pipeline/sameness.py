"""Does a directory hold what a request would write there? Code and values have to be the same; who asked may differ."""

import json
from collections.abc import Mapping
from typing import Any

from provisioning.catalog import Catalog
from provisioning.pipeline.render import TFVARS

# What Terraform reads in a directory (https://developer.hashicorp.com/terraform/language/files); a lock file or a README
# beside it changes nothing.
READ_BY_TERRAFORM = (".tf", ".tf.json", ".tfvars", ".tfvars.json")
Files = Mapping[str, str]


def holds_the_same(catalog: Catalog, wanted: Files, there: Files) -> bool:
    """By file name. The tags Requester, and Team or Service where one side has none, do not count."""
    return _code(wanted) == _code(there) and _same_values(catalog, wanted, there)


def _code(files: Files) -> dict[str, str]:
    code = {}
    for name, text in files.items():
        if name.endswith(READ_BY_TERRAFORM) and name != TFVARS:
            code[name] = text
    return code


def _same_values(catalog: Catalog, wanted: Files, there: Files) -> bool:
    ours, theirs = _values(wanted), _values(there)
    if ours is None or theirs is None:
        return False
    our_tags, their_tags = ours.pop("tags", {}), theirs.pop("tags", {})
    if not (isinstance(our_tags, dict) and isinstance(their_tags, dict)):
        return False
    return ours == theirs and _same_tags(catalog, our_tags, their_tags)


def _values(files: Files) -> dict[str, Any] | None:
    """None for what somebody has broken by hand."""
    try:
        values = json.loads(files.get(TFVARS, ""))
    except (ValueError, RecursionError):  # nested deeper than Python reads
        return None
    return values if isinstance(values, dict) else None


def _same_tags(catalog: Catalog, ours: dict[str, Any], theirs: dict[str, Any]) -> bool:
    names = ours.keys() | theirs.keys()
    return all(_same_tag(catalog, name, ours.get(name), theirs.get(name)) for name in names)


def _same_tag(catalog: Catalog, name: str, ours: Any, theirs: Any) -> bool:
    tag = catalog.platform.tags.get(name)
    source = tag.source if tag else ""
    # Who asked first stands in it already; the second one joins.
    if source == "requester":
        return True
    unsaid = (None, "", tag.default if tag else "")
    if source in {"team", "service"} and (ours in unsaid or theirs in unsaid):
        return True
    if source == "team":
        # Single sign-on and Backstage may write the same team with other capitals.
        return str(ours).casefold() == str(theirs).casefold()
    return bool(ours == theirs)
