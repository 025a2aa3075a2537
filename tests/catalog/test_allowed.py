"""`manage.py catalog allowed`: the lists of allowed values come out of cfn-lint's data as `allowed.toml` says."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from provisioning.catalog import BUILT_IN
from provisioning.certify.allowed import Package, Tables, WantedList, extract, tables, written
from provisioning.errors import CatalogError

COMMON = BUILT_IN / "_common"
REGIONS = ["eu-west-1"]
LIFE = {"deprecated": "2027-01-01", "create-block": "2027-02-01"}


def rule(engine: str, **fields: list[str]) -> dict[str, Any]:
    properties = {name: {"enum": values} for name, values in fields.items()}
    return {"if": {"properties": {"Engine": {"const": engine}}}, "then": {"properties": properties}}


def old(engine: str, versions: list[str]) -> dict[str, Any]:
    return {
        "if": {"properties": {"Engine": {"const": engine}, "EngineVersion": {"enum": versions}}},
        "then": False,
    }


FILES: Mapping[str, Any] = {
    "version.json": {"schema_date": "2026-10-20T22:11:15Z"},
    "versions.json": {"allOf": [rule("db", EngineVersion=["1.9", "2.2", "2.10", "2.9"]), rule("other", EngineVersion=["9.9"])]},
    "deprecated.json": {"allOf": [old("db", ["2.2"])]},
    "classes.json": {
        "eu-west-1": {"allOf": [rule("db", DBInstanceClass=["db.m5.2xlarge", "db.m5.large", "db.m1.large", "db.t3.micro"]),
                                rule("ab", DBInstanceClass=["db.m5.2xlarge", "db.m5.large"])]},
        "us-east-1": {"allOf": []},
    },
    "types.json": {"eu-west-1": {"enum": ["m5.metal", "m5.12xlarge", "m5.2xlarge", "m5.large", "c5.large"]}},
    "pairs.json": {"then": {"anyOf": [
        {"properties": {"Cpu": {"then": {"enum": ["256"]}}, "Memory": {"then": {"enum": [512, 1024]}}}},
        {"properties": {"Cpu": {"then": {"enum": ["512"]}},
                        "Memory": {"then": {"minimum": 1024, "maximum": 3072, "multipleOf": 1024}}}},
    ]}},
    "runtimes.json": {"python3.9": LIFE, "python3.13": LIFE, "nodejs22.x": LIFE, "java7": {**LIFE, "create-block": "2020-01-01"},
                      "java21": {**LIFE, "create-block": None}},
}  # fmt: skip


@pytest.fixture
def package(tmp_path: Path) -> Package:
    schemas = tmp_path / "cfnlint/data/schemas"
    schemas.mkdir(parents=True)
    for name, content in FILES.items():
        (schemas / name).write_text(json.dumps(content))
    (tmp_path / "cfnlint/version.py").write_text('__version__ = "1.58.0"\n')
    return Package(tmp_path / "cfnlint")


@pytest.fixture
def taken(package: Package) -> Callable[..., Any]:
    def take(**wanted: Any) -> Any:
        return extract(package, Tables(note="n", lists=[WantedList(key="a.b", **wanted)]), REGIONS)[
            "a"
        ]["b"]

    return take


def test_versions_are_newest_first_after_their_series_and_without_the_deprecated(
    taken: Callable[..., Any],
) -> None:
    wanted = {
        "take": "versions",
        "file": "versions.json",
        "deprecated": "deprecated.json",
        "engines": ["db"],
    }
    assert taken(**wanted, keep=r"2\.\d+", series=1) == ["2", "2.10", "2.9"]
    assert taken(**wanted) == ["2.10", "2.9", "1.9"]


def test_classes_are_those_that_all_engines_have_by_family_and_size(
    taken: Callable[..., Any],
) -> None:
    wanted = {"take": "regions", "file": "classes.json"}
    assert taken(**wanted, engines=["db", "ab"]) == {"eu-west-1": ["db.m5.large", "db.m5.2xlarge"]}
    kept = taken(**wanted, engines=["db"], keep=r"db\.(m5|t3)\.\w+")
    assert kept == {"eu-west-1": ["db.m5.large", "db.m5.2xlarge", "db.t3.micro"]}
    sizes = ["c5.large", "m5.large", "m5.2xlarge", "m5.12xlarge", "m5.metal"]
    assert taken(take="regions", file="types.json") == {"eu-west-1": sizes}


def test_pairs_are_listed_or_counted_out(taken: Callable[..., Any]) -> None:
    assert taken(take="pairs", file="pairs.json") == {"256": [512, 1024], "512": [1024, 2048, 3072]}
    assert taken(take="pairs", file="pairs.json", keep="256") == {"256": [512, 1024]}


def test_runtimes_that_can_no_longer_be_created_are_left_out(taken: Callable[..., Any]) -> None:
    keep = r"python3\.\d+|nodejs\d+\.x|java\d+"
    found = taken(take="runtimes", file="runtimes.json", keep=keep)
    assert found == ["python3.13", "python3.9", "nodejs22.x", "java21"]


def test_what_cfn_lint_does_not_have_keeps_its_own_source(package: Package) -> None:
    given = WantedList(key="a.b", take="given", values=["1"], source="a page, 2026-11-26")
    content = extract(package, Tables(note="n", lists=[given]), REGIONS)
    assert content["a"] == {"b": ["1"]}
    assert content["also"] == {"a.b": "a page, 2026-11-26"}
    assert (content["date"], content["source"]) == (
        "2026-10-20",
        "cfn-lint 1.58.0 schema_date 2026-10-20",
    )


def test_a_list_that_comes_out_empty_is_named(taken: Callable[..., Any]) -> None:
    with pytest.raises(CatalogError, match=r"a\.b: types\.json of this cfn-lint has nothing"):
        taken(take="regions", file="types.json", keep="x1")
    with pytest.raises(CatalogError, match=r"a\.b: classes\.json"):
        taken(take="regions", file="classes.json", engines=["mainframe"])


def test_another_layout_of_cfn_lint_is_said_in_words(
    package: Package, taken: Callable[..., Any]
) -> None:
    with pytest.raises(CatalogError, match=r"moved\.json: cannot be read as cfn-lint's data"):
        taken(take="pairs", file="moved.json")
    with pytest.raises(
        CommandError, match=r"not cfn-lint; name the folder that holds its version\.py"
    ):
        call_command("catalog", "allowed", "--from", str(package.folder.parent))


def test_the_file_is_what_the_command_writes_and_holds_every_list_of_the_tables() -> None:
    text = (COMMON / "allowed.json").read_text(encoding="utf-8")
    content = json.loads(text)
    assert written(content) == text
    for wanted in tables(COMMON / "allowed.toml").lists:
        found = content
        for step in wanted.key.split("."):
            found = found[step]
        assert found
        assert (wanted.take == "given") == (wanted.key in content["also"])
        assert wanted.take != "given" or found == wanted.values
