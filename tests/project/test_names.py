"""One word for one thing: what the names of the product promise to whoever reads them."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("provisioning", "infrallm_portal")
# Words that once named several things, or nothing that the field has a word for. See CONTRIBUTING.md.
WORN_OUT = {
    "Beat", "Desk", "FORGETFUL", "Field_", "Flag", "Hint", "Intake", "LARGE", "Looks", "Mailbox", "Memory", "NotKnown",
    "NotTerraform", "Numbers", "OF_A_LANE", "Plan", "Portal", "PullRequestWishes", "a_resource", "begin", "beside", "checks",
    "declared", "get_again", "hand_over", "happenings", "here", "hint", "holds", "inert", "left_behind", "lifecycle", "live",
    "look", "misfit", "places", "release", "screened", "settled", "shown", "strangers", "take", "words",
}  # fmt: skip
# Of these words one meaning is left, and its place says which.
ONE_MEANING = {
    ("provisioning/pull_requests/turns.py", "take"),  # a turn
    (
        "provisioning/queue/claimer.py",
        "take",
    ),  # waiting tasks of the queue
    ("provisioning/requests/leases.py", "release"),  # the opposite of a claim
    (
        "provisioning/trail/record.py",
        "begin",
    ),  # a call, whose address and program all of its events carry
    (
        "provisioning/web/views/request_detail.py",
        "live",
    ),  # the part of a page that is polled; the address says so, too
}
# The names that a framework looks for, one per module or model.
OF_A_FRAMEWORK = {"Command", "Meta"}
# Ends a command that was told to stop: nothing went wrong.
NO_ERROR = {"StopRequested"}
# Each GitHub and Claude adapter has its own words for what goes wrong, and each host is one.
SAME_MODULE_NAME = {"errors", "host"}


def sources() -> Iterator[tuple[Path, ast.Module]]:
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path.relative_to(ROOT), ast.parse(path.read_text())


def defined(tree: ast.Module) -> Iterator[str]:
    """What is called by its name elsewhere; a local variable stands beside what it means."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name
    for node in tree.body:
        if isinstance(node, ast.Assign):
            yield from (target.id for target in node.targets if isinstance(target, ast.Name))


def test_a_class_name_stands_once() -> None:
    where = defaultdict(list)
    for path, tree in sources():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef) and node.name not in OF_A_FRAMEWORK:
                where[node.name].append(str(path))

    assert len(where) > 100
    assert not {name: paths for name, paths in where.items() if len(paths) > 1}


def test_a_module_name_stands_once_in_its_package() -> None:
    where = defaultdict(list)
    for path, _ in sources():
        if path.stem not in SAME_MODULE_NAME | {"__init__"} and len(path.parts) > 2:
            where[path.parts[1], path.stem].append(str(path))

    assert not {name: paths for name, paths in where.items() if len(paths) > 1}


def test_an_error_says_so_in_its_name() -> None:
    errors = [
        (str(path), node.name)
        for path, tree in sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
        and {"Exception", "ValueError", "TypeError"} & {ast.unparse(base) for base in node.bases}
    ]

    assert errors
    assert not [one for one in errors if not one[1].endswith("Error") and one[1] not in NO_ERROR]


def test_no_word_that_was_worn_out_is_used_again() -> None:
    found = set()
    for path, tree in sources():
        for name in defined(tree):
            if name in WORN_OUT:
                found.add((str(path), name))

    assert found == ONE_MEANING
    assert len(ONE_MEANING) <= 5
