import pytest

from provisioning.adapters.rules import Rules
from provisioning.domain import Origin, Requirements, Submission
from provisioning.errors import ClarificationNeededError, PolicyViolationError
from provisioning.pipeline import policy
from provisioning.pipeline.understand import understand
from tests.support.built_in import CATALOG as BUILT_IN
from tests.support.scripted import Scripted, asking, database, small_catalog

CATALOG = small_catalog()
TEXT = "production Postgres database, 300 GB, backups for 2 days, at most 200 GB"


def requirements(*parameters: tuple[str, object, str]) -> Requirements:
    reading = database(
        ("engine", "postgres", "Postgres"),
        *parameters,
        environment="prod",
        environment_quote="production",
    )
    return understand(Scripted(reading), CATALOG, asking(TEXT))


def test_all_broken_rules_are_named_at_once() -> None:
    asked = requirements(
        ("backup_days", 2, "2 days"),
        ("storage_gb", 300, "300 GB"),
        ("max_storage_gb", 200, "200 GB"),
    )
    with pytest.raises(PolicyViolationError) as refusal:
        policy.apply(CATALOG, asked)
    assert len(refusal.value.violations) == 2
    assert (
        "Production databases keep backups for at least 7 days. (prod-backups)"
        in refusal.value.message
    )
    assert "(storage-grows)" in refusal.value.message


def test_a_default_gives_way_to_a_stated_value_and_says_so() -> None:
    kept = policy.apply(CATALOG, requirements(("storage_gb", 300, "300 GB")))
    [resource] = kept.resources
    assert resource.parameters["max_storage_gb"].value == 300
    assert resource.parameters["max_storage_gb"].origin == Origin("policy", "storage-grows")
    assert kept.notes[1:] == ("The largest storage was raised to the storage asked for.",)


def test_what_keeps_every_rule_is_left_alone() -> None:
    asked = requirements()
    assert policy.apply(CATALOG, asked) == asked


def of_the_built_in(text: str, **answers: str) -> Requirements:
    submission = Submission(text, "ana@example.com", answers=answers)
    return policy.apply(BUILT_IN, understand(Rules(BUILT_IN), BUILT_IN, submission))


OPENSEARCH = "dev opensearch for logs with 3 nodes and 750 GB each"


def test_a_default_that_cannot_stand_beside_what_was_asked_is_a_question() -> None:
    with pytest.raises(ClarificationNeededError) as asked:
        of_the_built_in(OPENSEARCH)
    [question] = asked.value.questions
    assert question.id == "opensearch.instance_type"
    assert question.recommended == question.choices[0] == "r7g.large.search"
    assert not {"t3.small.search", "t3.medium.search"} & set(question.choices)


def test_its_answer_is_taken_and_each_choice_keeps_every_rule() -> None:
    with pytest.raises(ClarificationNeededError) as asked:
        of_the_built_in(OPENSEARCH)
    for choice in asked.value.questions[0].choices:
        answers = {"opensearch.instance_type": choice}
        [resource] = of_the_built_in(OPENSEARCH, **answers).resources
        assert resource.parameters["instance_type"].value == choice


@pytest.mark.parametrize(
    "text",
    [
        "dev opensearch for logs on t3.small.search with 750 GB",
        "dev mysql 8.4 for orders on db.t4g.micro with performance insights",
    ],
)
def test_what_was_asked_for_and_cannot_be_is_refused(text: str) -> None:
    with pytest.raises(PolicyViolationError):
        of_the_built_in(text)
