import pytest

from provisioning.domain import Origin, Requirements
from provisioning.errors import PolicyViolationError
from provisioning.pipeline import policy
from provisioning.pipeline.understand import understand
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
