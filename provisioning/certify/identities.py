"""Names that AWS takes once: two types that give the same one for the same application cannot both be applied."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator

from provisioning.catalog import Catalog, ResourceType
from provisioning.domain import RenderedResource

# Attributes that name a resource to AWS, of kinds whose names are unique in an account and region.
NAMING = (
    "name",
    "alarm_name",
    "identifier",
    "cluster_identifier",
    "function_name",
    "bucket",
    "policy_name",
    "domain_name",
)
WITHIN_ANOTHER = {
    "aws_appautoscaling_policy", "aws_autoscaling_policy", "aws_backup_selection", "aws_cloudwatch_log_metric_filter",
    "aws_eks_access_entry", "aws_iam_role_policy", "aws_route53_record",
}  # fmt: skip
_BLOCK = re.compile(r'^resource "(\w+)" "\w+" \{\n(.*?)^\}', re.MULTILINE | re.DOTALL)
_NAME = re.compile(rf'^  ({"|".join(NAMING)}) += (".*")$', re.MULTILINE)


def shared(catalog: Catalog, rendered: Iterable[RenderedResource]) -> Iterator[str]:
    """One sentence for each name that several types would make."""
    owners: dict[tuple[str, str], set[str]] = defaultdict(set)
    for one in rendered:
        for kind, name in _names(catalog.types[one.type], one):
            owners[kind, name].add(one.type)
    for (kind, name), types in sorted(owners.items()):
        if len(types) > 1:
            yield f"{' and '.join(sorted(types))} both make the {kind} {name}; give one of them another name."


def _names(resource_type: ResourceType, rendered: RenderedResource) -> Iterator[tuple[str, str]]:
    own = f"{resource_type.file.aws_name}{{application}}-{resource_type.file.suffix}".rstrip("-")
    for text in rendered.files.values():
        for kind, body in _BLOCK.findall(text):
            if kind not in WITHIN_ANOTHER:
                for _, name in _NAME.findall(body):
                    yield kind, name.strip('"').replace("${var.name}", own)
