"""Whatever happens at GitHub, to the way there and to the deliveries: after one look that gets through, every state is the
host's. Against the stand-in that allows only what GitHub's permission table does."""

import hashlib
import hmac
import json
import os
import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from django.utils import timezone
from django_q.models import OrmQ
from pydantic import SecretStr

from provisioning import wiring
from provisioning.adapters.github.client import PERMISSIONS
from provisioning.models import ProvisionRequest, PullRequest, Status, WebhookDelivery
from provisioning.pull_requests import sync
from tests.support.elapsed import pass_time
from tests.support.github_double import FakeGitHub
from tests.support.github_fault_server import Fault, FaultServer, Reply
from tests.support.github_portal import GitHubPortal

pytestmark = pytest.mark.django_db(transaction=True)
SECRET = "a webhook's secret"
SCHEDULES = int(os.environ.get("SCHEDULES", "5"))  # more at night: each is a day of calls
AWAY = Fault(reply=Reply(502, b"<html>Unicorn!</html>"))
Portal = Callable[..., None]


@pytest.fixture
def github(portal: Portal) -> Iterator[GitHubPortal]:
    with FaultServer(FakeGitHub()).running() as server:
        made = GitHubPortal(FakeGitHub(), server)
        portal(**made.settings(), github_webhook_secret=SecretStr(SECRET))
        yield made


class Schedule:
    """A day at GitHub, drawn from `seed`: pull requests that live, and a portal that hears of some of it."""

    def __init__(self, github: GitHubPortal, seed: int) -> None:
        self.github, self.chance = github, random.Random(seed)
        github.double, github.server.fault = FakeGitHub(), lambda number, call: None
        github.server.upstream = github.double
        wiring._host.cache_clear()  # the portal's connection remembers the repository's new name
        for model in (OrmQ, WebhookDelivery, PullRequest, ProvisionRequest):
            model._default_manager.all().delete()
        for number in (1, 2):
            github.somebody_opens(f"infrallm/b{number}", f"terraform/dev/s3/b{number}/main.tf")
            self._known(number)
        self.deliveries: list[tuple[str, bytes]] = []

    def _known(self, number: int) -> None:
        pull = self.github.double.pulls[number - 1]
        row = ProvisionRequest.objects.create(text="b", requester="ana", status=Status.COMPLETED)
        PullRequest.objects.create(
            provision_request=row,
            repository=wiring.repository(),
            number=number,
            url=pull["html_url"],
            commit_sha=pull["head"]["sha"],
        )

    def run(self) -> None:
        steps = (self.close, self.reopen, self.merge, self.review, self.check, self.rename)
        around = (self.outage, self.refusal, self.late_deliveries, self.work)
        for _ in range(self.chance.randint(1, 12)):
            self.chance.choice((*steps, *around))()
            pass_time(self.chance.uniform(0, 600))

    # --- at GitHub

    def change(self, state: str, allowed: set[str], **more: object) -> None:
        pull = self.chance.choice(self.github.double.pulls)
        if pull["state"] not in allowed or pull["merged_at"]:
            return
        pull |= {"state": state, **more}
        events = self.github.double.issue_events.setdefault(pull["number"], [])
        events.append({"event": state, "actor": {"login": f"person-{len(events)}"}})
        self.hint(pull)

    def close(self) -> None:
        self.change("closed", {"open"}, closed_at=datetime.now(UTC).isoformat())

    def reopen(self) -> None:
        self.change("open", {"closed"}, closed_at=None)

    def merge(self) -> None:
        now = datetime.now(UTC).isoformat()
        merged = {"merged_at": now, "closed_at": now, "merged_by": {"login": "merger"}}
        self.change("closed", {"open"}, **merged)

    def review(self) -> None:
        state = self.chance.choice(["APPROVED", "CHANGES_REQUESTED", "COMMENTED"])
        association = self.chance.choice(["MEMBER", "NONE"])
        self.github.double.reviews.append(
            {"user": {"login": "ada"}, "state": state, "author_association": association}
        )

    def check(self) -> None:
        run = {"status": "completed", "conclusion": self.chance.choice(["success", "failure"])}
        self.github.double.check_runs += [run] * self.chance.choice([1, 120])

    def rename(self) -> None:
        self.github.double.rename(f"acme/r{self.chance.randrange(10**6)}")

    # --- on the way

    def hint(self, pull: dict[str, object]) -> None:
        facts = {"number": pull["number"], "head": pull["head"]}
        body = {"repository": {"full_name": self.github.double.full_name}, "pull_request": facts}
        delivery = f"d{self.chance.randrange(10**9)}", json.dumps(body).encode()
        fate = self.chance.choice(["delivered", "doubled", "late", "lost"])
        if fate in {"delivered", "doubled"}:
            deliver(*delivery)
        if fate == "doubled":
            deliver(*delivery)
        if fate == "late":
            self.deliveries.append(delivery)

    def late_deliveries(self) -> None:
        self.chance.shuffle(self.deliveries)
        while self.deliveries:
            deliver(*self.deliveries.pop())

    def outage(self) -> None:
        self.github.server.fault = lambda number, call: AWAY
        seconds = self.chance.uniform(1, 7200)
        while seconds > 0:
            self.work()
            pass_time(600)
            seconds -= 600
        self.github.server.fault = lambda number, call: None

    def refusal(self) -> None:
        """Somebody takes a permission away, and gives it back."""
        lost = self.chance.choice(["checks", "statuses", "pull_requests"])
        self.github.double.granted = {**PERMISSIONS, lost: ""}
        self.work()
        self.github.double.granted = dict(PERMISSIONS)

    def work(self) -> None:
        sync.reconcile()
        for task in OrmQ.objects.filter(key=sync.LANE):
            sync.sync_pull_request(task.task["args"][0])
            task.delete()


def deliver(delivery: str, body: bytes) -> None:
    signature = "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    sync.receive(body, signature, delivery)


def shown(number: int) -> tuple[str, str, str]:
    seen = PullRequest.objects.get(number=number).seen
    assert seen is not None
    assert seen.state == "merged" or seen.refused == seen.unread == ()
    return seen.state, seen.review, seen.checks


def at_the_host(double: FakeGitHub, number: int) -> tuple[str, str, str]:
    """Worked out here once more, from what the stand-in holds."""
    pull = double.pulls[number - 1]
    counted = [
        one["state"]
        for one in double.reviews
        if one["author_association"] == "MEMBER" and one["state"] != "COMMENTED"
    ]
    conclusions = {run["conclusion"] for run in double.check_runs}
    checks = "none" if not conclusions else "failed" if "failure" in conclusions else "passed"
    state = "merged" if pull["merged_at"] else pull["state"]
    return state, counted[-1].lower() if counted else "none", checks


def test_after_any_schedule_one_look_tells_the_hosts_state(github: GitHubPortal) -> None:
    for seed in range(SCHEDULES):
        schedule = Schedule(github, seed)
        schedule.run()
        PullRequest.objects.exclude(look_at=None).update(look_at=timezone.now())
        schedule.work()
        for number in (1, 2):
            told = shown(number)
            if told[0] == "merged":  # final: reviews and checks after it are nobody's concern
                assert at_the_host(github.double, number)[0] == "merged", seed
            else:
                assert told == at_the_host(github.double, number), seed
