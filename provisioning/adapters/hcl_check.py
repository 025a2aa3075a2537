"""The Terraform check that needs no terraform binary: two parsers, the closed vocabulary, references and values.

What it cannot see is left to the type's certificate: whether the provider knows an attribute and accepts its value.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

import hcl2
from lark.exceptions import LarkError

from provisioning.domain import Check, CheckReport, RenderedResource
from provisioning.domain.health import EMBEDDED, Health
from provisioning.errors import CheckFailedError
from provisioning.hcl.conditions import UnsupportedConditionError, condition_is_true
from provisioning.hcl.declared import Variable, parse_variables, type_error
from provisioning.hcl.reader import parse
from provisioning.hcl.tree import Block, HclSyntaxError
from provisioning.hcl.vocabulary import declared_providers, disallowed_constructs
from provisioning.pipeline.check import TFVARS, VARIABLES, read_tfvars

TOOL = "HCL parser"
Files = Mapping[str, str]
Step = Callable[[Files], Iterator[str]]


class HclCheck:
    name = "hcl"

    def __init__(self) -> None:
        """Builds the parser's tables, which takes a second in a fresh environment: a worker does it once, before it forks."""
        _unreadable("")

    def check(self, rendered: Sequence[RenderedResource]) -> CheckReport:
        return CheckReport(tuple(_run(name, step, rendered) for name, step in STEPS.items()))

    def health(self) -> Health:
        return EMBEDDED


def _run(name: str, step: Step, rendered: Sequence[RenderedResource]) -> Check:
    started = time.perf_counter()
    for resource in rendered:
        try:
            reason = next(step(resource.files), "")
        except ValueError as error:
            reason = str(error)
        if reason:
            raise CheckFailedError(
                f"The Terraform for {resource.type} {resource.name!r} does not pass the {name} check: {reason}"
            )
    return Check(name, TOOL, passed=True, seconds=time.perf_counter() - started)


def _syntax(files: Files) -> Iterator[str]:
    for name, text in files.items():
        if name.endswith(".tf"):
            problem = _unreadable(text)
            if problem:
                yield f"{name}: {problem}"


@lru_cache(maxsize=512)
def _unreadable(text: str) -> str:
    """The two parsers must agree that it is Terraform; they are not of one origin."""
    try:
        parse(text)
        hcl2.parses_to_tree(text)
    except HclSyntaxError as error:
        return f"{error}."
    except LarkError as error:
        return f"{str(error).splitlines()[0]}."
    return ""


def _vocabulary(files: Files) -> Iterator[str]:
    return disallowed_constructs(files)


def _references(files: Files) -> Iterator[str]:
    """Every `var.`, `local.`, `data.` and resource that an expression names exists."""
    providers = declared_providers(files)
    texts = [text for name, text in files.items() if name.endswith(".tf")]
    known = {name for text in texts for name in _defined_in(text)}
    named = {name for text in texts for name in _named_in(text, providers)}
    yield from (f"{reference} is used but not declared." for reference in sorted(named - known))


@lru_cache(maxsize=512)
def _defined_in(text: str) -> frozenset[str]:
    return frozenset(_defined(parse(text)))


@lru_cache(maxsize=512)
def _named_in(text: str, providers: frozenset[str]) -> frozenset[str]:
    return frozenset(_named(parse(text), providers))


def _defined(file: Block) -> Iterator[str]:
    for block in file.blocks():
        if block.type == "variable":
            yield f"var.{block.labels[0]}"
        elif block.type == "locals":
            yield from (f"local.{item.name}" for item in block.attributes())
        elif block.type == "resource":
            yield ".".join(block.labels)
        elif block.type == "data":
            yield ".".join(("data", *block.labels))


def _named(file: Block, providers: frozenset[str]) -> Iterator[str]:
    for expression in file.expressions():
        for index, word in enumerate(expression):
            if expression[index + 1 : index + 2] != (".",) or expression[
                max(index - 1, 0) : index
            ] == (".",):
                continue
            if word in {"var", "local"} or word.partition("_")[0] in providers:
                yield f"{word}.{expression[index + 2]}"
            elif word == "data":
                # Every other word, for the dots are words too: data . aws_region . this
                yield ".".join(expression[index : index + 5 : 2])


def _values(files: Files) -> Iterator[str]:
    variables = parse_variables(files[VARIABLES])
    values = read_tfvars(files[TFVARS])
    for name in sorted(values.keys() - variables.keys()):
        yield f"{TFVARS} sets {name!r}, which is not declared."
    for name in sorted(variables.keys() - values.keys()):
        if not variables[name].has_default:
            yield f"{TFVARS} does not set {name!r}."
    for name, value in values.items():
        problem = type_error(name, variables[name].type, value)
        if problem:
            yield f"{problem}."
    for variable in variables.values():
        yield from _broken_bounds(variable, values)


def _broken_bounds(variable: Variable, values: Mapping[str, Any]) -> Iterator[str]:
    """What is no condition that the portal writes is Terraform's to evaluate."""
    for validation in variable.validations:
        try:
            kept = condition_is_true(validation.condition, values)
        except UnsupportedConditionError:
            continue
        except TypeError:  # as in Terraform: null or a text compared with a number
            kept = False
        if not kept:
            yield f"{variable.name}: {validation.message}"


STEPS: Mapping[str, Step] = {
    "syntax": _syntax,
    "vocabulary": _vocabulary,
    "references": _references,
    "values": _values,
}
