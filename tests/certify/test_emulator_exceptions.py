"""What the emulator cannot do is declared, said and checked: nothing else is let through, and no request gets other code."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from provisioning.adapters.bounded import Finished
from provisioning.adapters.terraform_providers import Installation
from provisioning.catalog.certificate import read
from provisioning.catalog.format import EmulatorException
from provisioning.certify import emulator, exceptions
from provisioning.certify.prove import Tools, prove
from provisioning.certify.variants import example_resource
from provisioning.domain import RenderedResource
from provisioning.pipeline.check import TFVARS
from provisioning.pipeline.render import render
from tests.certify.test_certificates import NOT_IN_THE_EMULATOR
from tests.support.built_in import CATALOG

EXCEPTED = [
    name
    for name, one in CATALOG.types.items()
    if one.file.emulator and name not in NOT_IN_THE_EMULATOR
]
TOPIC = "aws_sns_topic.this"
SIGNATURE = EmulatorException(
    resource=TOPIC, differs=["signature_version"], reason="it is not kept"
)
NOWHERE = emulator.Emulator(Installation("", Path(), None), "", "", {})
CODE = """\
resource "aws_sns_topic" "this" {
  name = var.name

  lifecycle {
    ignore_changes = [name, policy[0].text]
  }
}

resource "aws_sqs_queue" "this" {
  for_each = toset(["a"])
}
"""


class ScriptedTerraform:
    """Answers as terraform would on an emulator that gives back `differing` arguments of the topic with another value, except
    those that the override ignores; `steps` are the commands, `values` the file of values."""

    def __init__(self, differing: Sequence[str]) -> None:
        self.differing = differing
        self.steps: list[str] = []
        self.values: dict[str, Any] = {}

    def __call__(self, _emulator: emulator.Emulator, folder: Path, *step: str) -> Finished:
        self.steps.append(" ".join(step))
        self.values = json.loads((folder / TFVARS).read_text(encoding="utf-8"))
        (folder / "terraform.tfstate").write_text('{"resources": []}', encoding="utf-8")
        override = json.loads((folder / "exceptions_override.tf.json").read_text(encoding="utf-8"))
        topic = override.get("resource", {}).get("aws_sns_topic", {}).get("this", {})
        ignored = topic.get("lifecycle", {}).get("ignore_changes", [])
        left = [name for name in self.differing if name not in ignored]
        if step[0] == "show":
            return Finished(
                0, json.dumps({"resource_changes": [a_change(dict.fromkeys(left, 1))]}), ""
            )
        planned = (
            [{"type": "planned_change", "change": {"resource": {"addr": TOPIC}}}] if left else []
        )
        summary = {"type": "change_summary", "changes": {"add": 1, "change": 0, "remove": 0}}
        return Finished(0, "\n".join(map(json.dumps, [*planned, summary])), "")


def a_change(before: Mapping[str, Any], **after_unknown: bool) -> dict[str, Any]:
    change = {"actions": ["update"], "before": before, "after": {}, "after_unknown": after_unknown}
    return {"address": TOPIC, "change": change}


def proof(
    monkeypatch: pytest.MonkeyPatch, differing: Sequence[str], *excepted: EmulatorException
) -> tuple[bool | None, str, list[str]]:
    terraform = ScriptedTerraform(differing)
    monkeypatch.setattr(emulator, "_terraform", terraform)
    return *emulator.applied(NOWHERE, a_topic(), excepted), terraform.steps


def a_topic() -> RenderedResource:
    return render(CATALOG, example_resource(CATALOG, CATALOG.types["sns"], "dev", {}))


def test_what_comes_back_differently_and_is_not_declared_is_not_proved(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    passed, said, _ = proof(monkeypatch, ["signature_version"])
    assert passed is None
    assert said.endswith(
        "the emulator gives back other values: signature_version of aws_sns_topic.this."
    )


def test_what_is_declared_is_let_through_and_said_with_its_reason(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    passed, said, _ = proof(monkeypatch, ["signature_version"], SIGNATURE)
    assert passed
    assert said.startswith(
        "1 applied, planned again without a change, destroyed with nothing left; and the same a second time. Excepted: "
    )
    assert "aws_sns_topic.this comes back with another signature_version (it is not kept)." in said


def test_an_exception_lets_nothing_else_through(monkeypatch: pytest.MonkeyPatch) -> None:
    passed, said, _ = proof(monkeypatch, ["signature_version", "display_name"], SIGNATURE)
    assert passed is None
    assert "other values: display_name of aws_sns_topic.this." in said


def test_an_exception_that_nothing_needs_fails_the_proof(monkeypatch: pytest.MonkeyPatch) -> None:
    passed, said, _ = proof(monkeypatch, [], SIGNATURE)
    assert passed is False
    assert said.startswith(
        "aws_sns_topic.this.signature_version is excepted, but comes back as it was given."
    )


def test_an_exception_for_what_is_not_in_the_code_fails_the_proof(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    missing = EmulatorException(resource="aws_sns_topic.other", omit=True, reason="x")
    assert proof(monkeypatch, [], missing) == (
        False,
        "Excepted, but not in the code: aws_sns_topic.other.",
        [],
    )


def test_what_the_emulator_cannot_destroy_leaves_the_state_before_the_rest_is_destroyed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stays = EmulatorException(resource=TOPIC, stays=True, reason="x")
    passed, said, steps = proof(monkeypatch, [], stays)
    assert passed
    assert steps[-2:] == [f"state rm {TOPIC}", "destroy -auto-approve"]
    assert "aws_sns_topic.this is not destroyed (x)." in said


def test_the_proof_is_of_the_first_environments_defaults_with_the_declared_parameters(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    terraform = ScriptedTerraform([])
    monkeypatch.setattr(emulator, "_terraform", terraform)
    resource_type = CATALOG.types["apigateway"]
    certificate = prove(CATALOG, resource_type, Tools(emulator=NOWHERE), lambda _line: None)
    [declared] = resource_type.file.emulator
    assert terraform.values["function_arn"] == declared.parameters["function_arn"]
    assert terraform.values["name"] == "dev-example"
    assert "Excepted: asked for with function_arn = " in certificate.steps[-1].detail


def test_an_override_sets_leaves_out_and_ignores_beside_what_the_template_ignores_itself() -> None:
    excepted = [
        EmulatorException(resource=TOPIC, set={"tracing": False}, reason="x"),
        SIGNATURE,
        EmulatorException(resource="aws_sqs_queue.this", omit=True, reason="x"),
    ]
    queue: dict[str, Any] = {"this": {"for_each": {}}}
    files = {"main.tf": CODE}
    first = exceptions.override(excepted, files, ignoring=False)
    assert first == {
        "resource": {"aws_sns_topic": {"this": {"tracing": False}}, "aws_sqs_queue": queue}
    }
    topic = exceptions.override(excepted, files, ignoring=True)["resource"]["aws_sns_topic"]["this"]
    assert topic["lifecycle"] == {"ignore_changes": ["name", "policy[0].text", "signature_version"]}
    only = [EmulatorException(resource=TOPIC, omit=True, reason="x")]
    assert exceptions.override(only, files, ignoring=True)["resource"]["aws_sns_topic"]["this"] == {
        "count": 0
    }


def test_a_change_is_named_down_to_the_argument_of_a_block() -> None:
    before = {"same": 1, "blocks": [{"a": 1, "b": [{"c": 2}]}], "more": [{"a": 1}], "later": 1}
    change = a_change(before, later=True)
    change["change"]["after"] = {"same": 1, "blocks": [{"a": 1, "b": [{"c": 3}]}], "more": []}
    found = exceptions.changes(json.dumps({"resource_changes": [change]}))
    assert found == {TOPIC: {"blocks[0].b[0].c": True, "more": True, "later": False}}
    whole = EmulatorException(resource=TOPIC, differs=["blocks", "later", "more"], reason="x")
    assert exceptions.unused([whole], found) == []
    other = EmulatorException(resource=TOPIC, differs=["block", "same"], reason="x")
    assert exceptions.unused([other], found) == [f"{TOPIC}.block", f"{TOPIC}.same"]


@pytest.mark.parametrize("name", EXCEPTED)
def test_the_certificate_of_a_type_with_exceptions_proves_it_and_says_each(name: str) -> None:
    resource_type = CATALOG.types[name]
    certificate = read(resource_type.folder)
    assert certificate
    [step] = [step for step in certificate.steps if step.name == "emulator"]
    assert step.passed, (
        f"{name} is not proved: run manage.py certify {name} --moto …, or drop its exceptions"
    )
    assert step.detail.endswith(exceptions.in_words(resource_type.file.emulator))
