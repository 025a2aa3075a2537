"""Start-up checks of templates, without rendering them: a mistake in a branch that nobody has asked for yet is one too."""

import re
from collections.abc import Iterator, Mapping, Set

from jinja2 import Environment, TemplateSyntaxError, nodes

from provisioning.catalog.types import Catalog, ResourceType

FILTERS = {"hcl"}
# Terraform variables that every type has, see `pipeline/variables.py`.
ALWAYS = {"name", "tags"}
VARIABLE = re.compile(r"\bvar\.([a-z][a-z0-9_]*)")
COMMON: Mapping[str, Set[str]] = {
    "providers.tf": {"terraform_version", "provider_version"},
    "backend.tf": {"state_bucket", "state_region", "state_key"},
}
_JINJA = Environment(autoescape=False)  # noqa: S701  # only read here; render.py prints
# As in `render`: what is checked here must be read as it will be printed.
_JINJA.globals = {}


def template_mistakes(resource_type: ResourceType) -> Iterator[tuple[str, str, str]]:
    """File, line and reason."""
    chosen = {"environment", *resource_type.structure}
    for name, text in resource_type.templates.items():
        yield from _mistakes(f"{name}.j2", text, chosen, ALWAYS | set(resource_type.parameters))


def common_template_mistakes(catalog: Catalog) -> Iterator[tuple[str, str, str]]:
    for name, context in COMMON.items():
        text = catalog.common_templates.get(name)
        if text is None:
            yield f"{name}.j2", "", "missing; every pull request needs it."
        else:
            yield from _mistakes(
                f"{name}.j2", text, context, ALWAYS | set(catalog.platform.parameters)
            )


def _mistakes(
    file: str, text: str, context: Set[str], variables: Set[str]
) -> Iterator[tuple[str, str, str]]:
    try:
        parsed = _JINJA.parse(text)
    except TemplateSyntaxError as error:
        yield file, f"line {error.lineno}", f"not Jinja: {error.message}"
        return
    for line, reason in _nodes(parsed, context):
        yield file, f"line {line}", reason
    for match in VARIABLE.finditer(text):
        if match[1] not in variables:
            yield (
                file,
                f"line {text.count(chr(10), 0, match.start()) + 1}",
                f"var.{match[1]} is not a parameter.",
            )


def _nodes(parsed: nodes.Template, context: Set[str]) -> Iterator[tuple[int, str]]:
    yield from _deciding(parsed, context)
    yield from _printed(parsed)
    for used in parsed.find_all(nodes.Filter):
        if used.name not in FILTERS:
            yield (
                used.lineno,
                f"there is no filter {used.name!r}; {', '.join(FILTERS)} is all there is.",
            )
    for fetched in parsed.find_all((nodes.Include, nodes.Import, nodes.FromImport, nodes.Extends)):
        yield fetched.lineno, "a template stands for itself; it cannot take another one in."


def _deciding(parsed: nodes.Template, context: Set[str]) -> Iterator[tuple[int, str]]:
    own = {name.name for name in parsed.find_all(nodes.Name) if name.ctx != "load"} | {"loop"}
    for name in parsed.find_all(nodes.Name):
        if name.ctx == "load" and name.name not in context | own:
            yield (
                name.lineno,
                f"{name.name!r} may not decide here, only {', '.join(sorted(context))}.",
            )


def _printed(parsed: nodes.Template) -> Iterator[tuple[int, str]]:
    for output in parsed.find_all(nodes.Output):
        for printed in output.nodes:
            if not isinstance(printed, nodes.TemplateData) and not _filtered(printed):
                yield printed.lineno, "a value is printed without | hcl."


def _filtered(printed: nodes.Expr) -> bool:
    return isinstance(printed, nodes.Filter) and printed.name in FILTERS
