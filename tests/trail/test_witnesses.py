"""What is kept of the trail elsewhere finds a database that was rewritten, and forgetting by rule leaves a chain.

The key of checkpoints is TRAIL_SIGNING_KEY."""

import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from pydantic import SecretStr

from provisioning import wiring
from provisioning.domain import Submission
from provisioning.models import ProvisionRequest, TrailCheckpoint, TrailEvent, TrailSeal
from provisioning.requests import services, tasks
from provisioning.trail import checkpoints, evidence, heads, record, retention
from provisioning.trail.digests import GENESIS, SEALED_FIELDS, link
from provisioning.trail.heads import WitnessError
from provisioning.trail.record import TrailEntry
from provisioning.trail.seal import seal_committed
from provisioning.trail.verify import chain_rows, verify

pytestmark = pytest.mark.django_db
EVENTS = 10


def a_key() -> SecretStr:
    made = Ed25519PrivateKey.generate()
    text = made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return SecretStr(text.decode())


@pytest.fixture
def signing(portal: Callable[..., None]) -> None:
    portal(trail_signing_key=a_key())


def recorded(count: int = EVENTS) -> None:
    for number in range(count):
        record.record(
            TrailEntry("token.issued", "token", f"infp_{number}"), actor=f"person {number}"
        )
    seal_committed()


def by_force(statement: str, *values: int | str) -> None:
    """As somebody does who owns the server."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(statement, values)
        cursor.execute("SET LOCAL session_replication_role = origin")


def rehash_from(number: int) -> None:
    """Every link after it made anew, so that the chain by itself is right again."""
    digest = GENESIS if number == 1 else TrailSeal.objects.get(number=number - 1).digest
    for row in list(chain_rows(number)):
        digest = link(digest, dict(zip(SEALED_FIELDS, row[3:12], strict=True)))
        by_force("UPDATE provisioning_trailseal SET digest = %s WHERE number = %s", digest, row[0])


def change_and_rehash(number: int) -> None:
    event = TrailSeal.objects.get(number=number).event_id
    by_force("UPDATE provisioning_trailevent SET target = 'other' WHERE id = %s", event)
    rehash_from(number)


def truncate_after(number: int) -> None:
    by_force(
        "DELETE FROM provisioning_trailevent WHERE id IN (SELECT event_id FROM provisioning_trailseal WHERE number > %s)",
        number,
    )
    by_force("DELETE FROM provisioning_trailseal WHERE number > %s", number)


def test_a_chain_that_was_made_anew_or_cut_contradicts_a_checkpoint(signing: None) -> None:
    recorded()
    made = checkpoints.make()
    assert made is not None
    known = heads.of_checkpoints([checkpoints.as_line(made)], checkpoints.public_key())
    recorded(5)
    verdict = verify(known)
    assert (verdict.sealed, verdict.witnessed, verdict.fault) == (EVENTS + 5, EVENTS, "")
    change_and_rehash(4)
    assert verify().fault == ""
    assert "the chain was rewritten" in verify(known).fault
    truncate_after(7)
    assert f"record {EVENTS} was kept elsewhere" in verify(known).fault


def test_what_comes_after_the_last_checkpoint_is_not_proved(signing: None) -> None:
    recorded()
    made = checkpoints.make()
    assert made is not None
    recorded(5)
    change_and_rehash(EVENTS + 2)
    verdict = verify({made.number: made.digest})
    assert (verdict.fault, verdict.witnessed) == ("", EVENTS)


def test_a_checkpoint_is_made_once_a_day_and_postgres_keeps_it(signing: None) -> None:
    assert checkpoints.make_due() == 0
    recorded()
    assert [checkpoints.make_due(), checkpoints.make_due()] == [1, 0]
    assert TrailCheckpoint.objects.get().number == EVENTS


def test_a_checkpoint_of_somebody_else_is_none(signing: None, portal: Callable[..., None]) -> None:
    recorded()
    made = checkpoints.make()
    assert made is not None
    line = checkpoints.as_line(made)
    forged = json.dumps(json.loads(line) | {"number": 3})
    for lines in ([forged], ["{}"], ["no json"]):
        with pytest.raises(WitnessError, match="Line 1"):
            heads.of_checkpoints(lines, checkpoints.public_key())
    portal(trail_signing_key=a_key())
    with pytest.raises(WitnessError):
        heads.of_checkpoints([line], checkpoints.public_key())


def test_without_a_key_nothing_is_signed_and_that_is_said(portal: Callable[..., None]) -> None:
    recorded()
    assert checkpoints.make_due() == 0
    with pytest.raises(CommandError, match="TRAIL_SIGNING_KEY is not set"):
        call_command("audit", "checkpoint")
    portal(trail_signing_key=SecretStr("no key"))
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("audit", "checkpoint")


def test_a_pull_request_holds_the_head_and_its_clone_is_compared(
    portal: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    recorded()
    head = heads.head()
    row = services.submit(Submission("staging S3 bucket for logs", "ana"))
    tasks.run_request(row.request_id)
    assert ProvisionRequest.objects.get().trail_head == head
    repository = wiring.local_repository()
    found = repository.pull_request(1)
    assert found is not None
    assert head in found.body
    assert heads.of_clone(repository.path) == {EVENTS: head.split(":")[1]}
    call_command("audit", "verify", "--against", str(repository.path))
    assert f"Up to record {EVENTS}" in capsys.readouterr().out
    change_and_rehash(2)
    with pytest.raises(CommandError, match="the chain was rewritten"):
        call_command("audit", "verify", "--against", str(repository.path))


def test_a_folder_that_is_no_clone_is_said(tmp_path: Path) -> None:
    with pytest.raises(WitnessError, match="log cannot be read"):
        heads.of_clone(tmp_path)


def aged(days: int) -> None:
    """What is recorded so far happened so many days ago, and was sealed then."""
    by_force("UPDATE provisioning_trailevent SET at = at - %s * interval '1 day'", days)
    rehash_from(1)


def test_whole_days_are_dropped_and_the_rest_verifies() -> None:
    recorded()
    aged(40)
    recorded(5)
    assert retention.drop_before(date.today() - timedelta(days=30)) == EVENTS
    seal_committed()
    verdict = verify()
    assert (verdict.sealed, verdict.fault) == (6, "")
    assert TrailEvent.objects.filter(action="trail.dropped").count() == 1
    assert retention.drop_before(date.today() - timedelta(days=30)) == 0
    by_force("UPDATE provisioning_trailseal SET digest = repeat('0', 64) WHERE number = 12")
    assert "Record 12" in verify().fault


def test_a_trail_of_old_days_only_keeps_the_record_that_the_next_one_follows() -> None:
    recorded()
    aged(40)
    assert retention.drop_before(date.today()) == EVENTS - 1
    seal_committed()
    verdict = verify()
    assert (verdict.sealed, verdict.fault) == (2, "")
    assert TrailSeal.objects.order_by("number").last() == TrailSeal.objects.get(number=EVENTS + 1)


def test_a_person_is_erased_and_what_happened_stays() -> None:
    recorded()
    assert retention.erase("person 3") == 1
    seal_committed()
    verdict = verify()
    assert (verdict.erased, verdict.fault) == (1, "")
    assert TrailEvent.objects.filter(action="person.erased", data={"events": 1}).exists()
    assert retention.erase("person 3") == 0


def extracted(folder: Path) -> Path:
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    assert evidence.write(folder / "evidence.zip", today, today + timedelta(days=2)) == EVENTS
    with zipfile.ZipFile(folder / "evidence.zip") as archive:
        archive.extractall(folder)
    return folder


def checked(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-I", "-S", "check_evidence.py", "events.jsonl", "checkpoints.jsonl"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_an_auditor_checks_the_archive_without_the_portal(signing: None, tmp_path: Path) -> None:
    recorded()
    checkpoints.make()
    done = checked(extracted(tmp_path))
    assert (done.returncode, done.stderr) == (0, "")
    assert f"Records 1 to {EVENTS}" in done.stdout
    assert f"up to record {EVENTS}" in done.stdout
    events = tmp_path / "events.jsonl"
    lines = events.read_text().splitlines()
    for changed, fault in [
        ([*lines[:4], lines[4].replace("infp_3", "infp_9"), *lines[5:]], "Record 4"),
        ([*lines[:4], lines[4].replace("person 3", "eve"), *lines[5:]], "who did it was changed"),
        ([*lines[:4], *lines[5:]], "Record 4 is missing"),
        (lines[:5], "the chain was cut"),
    ]:
        events.write_text("\n".join(changed) + "\n")
        done = checked(tmp_path)
        assert done.returncode == 1
        assert fault in done.stderr
