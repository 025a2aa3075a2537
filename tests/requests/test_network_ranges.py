"""Each new network has an address range of its own, whoever asks for it, how often and at the same time as whoever else."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import IntegrityError, connection, transaction

from provisioning import wiring
from provisioning.catalog.networks import free_ranges
from provisioning.domain import Submission, Violation
from provisioning.domain.identity import Caller, IdentitySource
from provisioning.errors import PolicyViolationError, StalePreviewError, UpstreamRefusedError
from provisioning.models import NetworkRange, ProvisionRequest
from provisioning.requests import services, tasks

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("portal")]
TEXT = "dev network for {}"


def submitted(text: str, requester: str = "ana") -> ProvisionRequest:
    return services.submit(Submission(text, requester))


def run(row: ProvisionRequest) -> ProvisionRequest:
    tasks.run_request(row.request_id)
    return ProvisionRequest.objects.get(pk=row.pk)


def ranges(row: ProvisionRequest) -> list[str]:
    assert row.requirements is not None, row.error
    return [str(one.parameters["cidr_block"].value) for one in row.requirements.resources]


def one_at_a_time_in(environment: str, number: int) -> list[str]:
    found = free_ranges(wiring.catalog().platform, environment)
    return [next(found) for _ in range(number)]


def test_two_networks_get_the_first_two_ranges_of_their_environment() -> None:
    rows = [run(submitted(TEXT.format(name))) for name in ("analytics", "search")]

    assert [ranges(row)[0] for row in rows] == one_at_a_time_in("dev", 2)
    assert [row.status for row in rows] == ["completed", "completed"]


def test_a_range_of_the_platform_itself_is_nobody_elses() -> None:
    platform = wiring.catalog().platform
    dev = platform.environments["dev"]
    pool = dev.networks
    assert pool
    crossing = pool.model_copy(update={"ranges": ["10.10.0.0/15"]})
    changed = {"dev": dev.model_copy(update={"networks": crossing})}
    wider = platform.model_copy(update={"environments": {**platform.environments, **changed}})

    assert list(free_ranges(wider, "dev")) == []  # 10.10 and 10.11 are its own in two regions


def test_a_second_attempt_has_the_same_range() -> None:
    row = submitted(TEXT.format("analytics"))
    assert row.requirements is None
    tasks.run_request(row.request_id)
    first = ranges(ProvisionRequest.objects.get(pk=row.pk))
    requirements = ProvisionRequest.objects.get(pk=row.pk).requirements
    assert requirements

    again = services.with_held_ranges(row, requirements)

    assert [one.parameters["cidr_block"].value for one in again.resources] == first
    assert NetworkRange.objects.count() == 1


def test_who_asks_for_the_same_network_gets_the_same_range() -> None:
    first, second = (run(submitted(TEXT.format("analytics"), who)) for who in ("ana", "ben"))

    assert ranges(first) == ranges(second)
    assert second.joined_id == first.opened.pk  # type: ignore[union-attr]


def test_a_preview_shows_what_is_free_and_holds_nothing() -> None:
    shown = services.preview(Submission(TEXT.format("analytics"), "ana")).requirements

    assert NetworkRange.objects.count() == 0
    assert [shown.resources[0].parameters["cidr_block"].value] == ranges(
        run(submitted(TEXT.format("search")))
    )
    later = services.preview(Submission(TEXT.format("analytics"), "ana")).requirements
    assert (
        later.resources[0].parameters["cidr_block"].value
        != shown.resources[0].parameters["cidr_block"].value
    )


@pytest.mark.parametrize("stated", ["", ", 10.8.0.0/20"])
def test_a_preview_is_not_submitted_once_its_range_is_anothers(stated: str) -> None:
    asked = Submission(TEXT.format("analytics") + stated, "ana")
    token = services.keep_preview(asked, services.preview(asked), None)
    run(submitted(TEXT.format("search") + stated))

    with pytest.raises(StalePreviewError, match="has changed since the preview"):
        services.submit(asked, preview=token)
    assert ProvisionRequest.objects.count() == 1


def test_a_preview_of_a_type_that_left_the_catalog_is_not_submitted() -> None:
    asked = Submission(TEXT.format("analytics"), "ana")
    kept = services.kept_preview(services.keep_preview(asked, services.preview(asked), None))
    assert kept
    for column in (kept.requirements_json, kept.understood_json):
        assert column
        column["resources"][0]["type"] = "gone"
    kept.save()

    with pytest.raises(StalePreviewError, match="has changed since the preview"):
        services.submit(asked, preview=kept.token)
    ana = Caller("ana", IdentitySource.TOKEN)
    assert services.understood_before(kept, asked, ana) is None


def test_a_preview_that_is_sent_twice_is_the_same_request_whatever_range_it_has() -> None:
    asked = Submission(TEXT.format("analytics"), "ana")
    token = services.keep_preview(asked, services.preview(asked), None)
    first = services.submit(asked, preview=token, idempotency_key="k")
    run(submitted(TEXT.format("search")))

    assert services.submit(asked, preview=token, idempotency_key="k").pk == first.pk
    assert ranges(run(first)) == one_at_a_time_in("dev", 2)[1:]


def test_two_networks_of_one_request_differ() -> None:
    row = run(submitted("two dev networks for analytics"))

    assert len(set(ranges(row))) == 2


def test_a_stated_range_that_overlaps_is_refused_with_the_network_that_has_it() -> None:
    run(submitted("dev network for analytics, 10.8.0.0/20"))

    refused = run(submitted("dev network for search, 10.8.8.0/21"))

    assert (refused.status, refused.error_code) == ("failed", "policy_violation")
    assert "10.8.8.0/21 overlaps with the network of terraform/dev/vpc/analytics" in refused.error
    with pytest.raises(PolicyViolationError, match=r"overlaps with the network"):
        services.preview(Submission("dev network for search, 10.8.8.0/21", "ana"))


@pytest.mark.parametrize("stated", ["10.10.0.0/16", "10.33.8.0/21"])
def test_a_stated_range_of_the_platform_itself_is_refused(stated: str) -> None:
    text = f"dev network for search, {stated}"

    refused = run(submitted(text))

    assert (refused.status, refused.error_code) == ("failed", "policy_violation")
    assert f"{stated} overlaps with 10." in refused.error
    assert "a network of the platform itself" in refused.error
    with pytest.raises(PolicyViolationError, match="of the platform itself"):
        services.preview(Submission(text, "ana"))


def test_a_range_stays_when_the_pull_request_may_be_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """The branch is stored, the pull request is opened, and the portal hears no more of it."""

    def opened_and_lost(*_: object) -> None:
        raise UpstreamRefusedError("The repository is gone.")

    with monkeypatch.context() as broken:
        broken.setattr(wiring.pull_requests(), "open", opened_and_lost)
        row = run(submitted(TEXT.format("analytics")))
    assert (row.status, bool(row.branch_name)) == ("failed", True)

    assert NetworkRange.objects.get().provision_request_id == row.pk
    assert ranges(run(submitted(TEXT.format("search")))) == one_at_a_time_in("dev", 2)[1:]


def test_a_range_goes_back_when_nothing_came_of_the_request(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*_: object) -> None:
        raise PolicyViolationError([Violation("Not today.")])

    with monkeypatch.context() as broken:
        broken.setattr(tasks, "generate", refuse)
        assert run(submitted(TEXT.format("analytics"))).status == "failed"

    assert NetworkRange.objects.count() == 0
    assert ranges(run(submitted(TEXT.format("search")))) == one_at_a_time_in("dev", 1)


def test_a_used_up_pool_is_said_in_words() -> None:
    holder = submitted(TEXT.format("holder"))
    for number, cidr in enumerate(free_ranges(wiring.catalog().platform, "dev")):
        NetworkRange.objects.create(
            directory=f"terraform/dev/vpc/{number}", cidr=cidr, provision_request=holder
        )

    row = run(submitted(TEXT.format("one-too-many")))

    assert row.error_code == "policy_violation"
    assert "All ranges that dev has for networks are taken" in row.error
    assert "platform.toml" in row.error


def test_postgres_itself_refuses_ranges_that_overlap() -> None:
    row = submitted(TEXT.format("analytics"))
    NetworkRange.objects.create(directory="a", cidr="10.64.0.0/16", provision_request=row)

    with pytest.raises(IntegrityError, match="do_not_overlap"), transaction.atomic():
        NetworkRange.objects.create(directory="b", cidr="10.64.3.0/24", provision_request=row)


def test_networks_asked_for_at_the_same_time_get_ranges_of_their_own() -> None:
    rows = [submitted(TEXT.format(f"app{chr(97 + number)}")) for number in range(6)]

    def placed(row: ProvisionRequest) -> str:
        try:
            shown = services.preview(row.submission).requirements
            [resource] = services.with_held_ranges(row, shown).resources
            return str(resource.parameters["cidr_block"].value)
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as workers:
        given = list(workers.map(placed, rows))

    assert sorted(given) == sorted(one_at_a_time_in("dev", 6))
