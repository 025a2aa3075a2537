"""GitHub when it, its settings or the way to it are not as they should be, and what a pull request costs in calls."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path

import pytest
from github import Auth

from provisioning.adapters.github import GitHub
from provisioning.adapters.github.client import PERMISSIONS, app_installation, web_url
from provisioning.adapters.github.errors import GitHubRefusedError
from provisioning.domain import PlacementQuery
from provisioning.domain.health import CONNECTED
from provisioning.errors import (
    PortalError,
    RateLimitedError,
    UpstreamRefusedError,
    UpstreamUnavailableError,
)
from tests.support import github_emulator
from tests.support.app_key import a_private_key
from tests.support.github_double import NAME, OWNER, FakeGitHub
from tests.support.github_fault_server import Call, Fault, FaultServer, Reply
from tests.support.pull_request_hosts import BRANCH, DIRECTORY, a_change

REPOSITORY = f"{OWNER}/{NAME}"


@pytest.fixture
def double() -> FakeGitHub:
    return FakeGitHub()


@pytest.fixture
def server(double: FakeGitHub) -> Iterator[FaultServer]:
    with FaultServer(double).running() as running:
        yield running


@pytest.fixture
def github(server: FaultServer) -> GitHub:
    return GitHub(Auth.Token("good-token"), REPOSITORY, server.url, "main")


def always(fault: Fault, where: str = "") -> Callable[[int, Call], Fault | None]:
    """`where` is a method, and with a space how the path ends."""
    method, _, end = where.partition(" ")
    return lambda number, call: (
        fault if method in ("", call.method) and call.path.endswith(end) else None
    )


def query(*directories: str, fresh: bool = True) -> PlacementQuery:
    return PlacementQuery(
        "req-a1b2c3d4e5f6", [BRANCH, f"{BRANCH}-a1b2c3"], directories or [DIRECTORY], fresh
    )


def test_a_fresh_request_costs_five_calls_and_one_look_per_directory(
    server: FaultServer, github: GitHub
) -> None:
    directories = (DIRECTORY, f"{DIRECTORY}-2", f"{DIRECTORY}-3")
    placement = github.place(query(*directories))
    assert [call.method for call in server.calls] == ["GET"] * 3
    github.open(a_change(branch=placement.branch, directories=directories))
    repository = f"/repos/{REPOSITORY}"
    assert [(call.method, call.path.removeprefix(repository)) for call in server.calls[3:]] == [
        ("GET", "/commits/heads/main"),
        ("GET", ""),
        ("POST", "/graphql"),
        ("POST", "/pulls"),
        ("POST", "/issues/1/labels"),
    ]


def test_where_graphql_is_refused_the_commit_takes_three_calls_of_rest(
    server: FaultServer, github: GitHub, double: FakeGitHub
) -> None:
    double.has_graphql = False
    github.open(a_change())
    github.open(a_change("req-000000000002", "infrallm/other"))
    assert [path for path in written(server) if "/git/" in path] == [
        "/git/trees",
        "/git/commits",
        "/git/refs",
    ] * 2
    assert written(server).count("/graphql") == 1


def test_a_branch_that_an_attempt_left_without_its_commit_gets_it(
    github: GitHub, double: FakeGitHub
) -> None:
    double.refs[BRANCH] = double.refs["main"]
    assert github.place(query(fresh=False)).branch == BRANCH
    opened = github.open(a_change(fresh=False))
    assert [pull["head"]["sha"] for pull in double.pulls] == [opened.commit_sha]
    assert github.open(a_change(fresh=False)).number == opened.number
    assert len(double.commits) == 2


def test_a_commit_that_a_ruleset_refuses_is_told_in_githubs_words(
    github: GitHub, double: FakeGitHub
) -> None:
    double.refuses_commits = "Repository rule violations found: file path is restricted."
    with pytest.raises(UpstreamUnavailableError, match="made the branch and not its commit"):
        github.open(a_change())
    assert github.place(query(fresh=False)).branch == BRANCH
    with pytest.raises(GitHubRefusedError, match="file path is restricted") as refused:
        github.open(a_change(fresh=False))
    assert "already exists" not in refused.value.message
    double.refuses_commits = ""
    github.open(a_change(fresh=False))
    assert len(double.pulls) == 1


def test_a_key_that_may_not_write_is_told_so_whatever_the_api(
    github: GitHub, double: FakeGitHub
) -> None:
    double.granted["contents"] = "read"
    with pytest.raises(PortalError, match="write access to contents"):
        github.open(a_change())
    assert set(double.refs) == {"main"}


def written(server: FaultServer) -> list[str]:
    posts = [call.path for call in server.calls if call.method == "POST"]
    return [path.removeprefix(f"/repos/{REPOSITORY}") for path in posts]


def test_all_calls_share_one_connection(server: FaultServer, github: GitHub) -> None:
    github.place(query())
    github.open(a_change())
    assert server.connections == 1


def test_a_commit_by_rest_has_the_requests_own_date_and_the_portal_as_author(
    server: FaultServer, github: GitHub, double: FakeGitHub
) -> None:
    double.has_graphql = False
    github.open(a_change())
    commit = next(call.json for call in server.calls if call.path.endswith("/git/commits"))
    assert commit["author"] == commit["committer"]
    assert commit["author"]["date"] == "2026-11-23T10:00:15Z"
    assert commit["author"]["name"] == "InfraLLM Portal"


def test_without_a_configured_base_the_default_branch_is_asked_for_once(
    server: FaultServer,
) -> None:
    github = GitHub(Auth.Token("good-token"), REPOSITORY, server.url)
    github.place(query())
    github.open(a_change())
    assert [call.path for call in server.calls].count(f"/repos/{REPOSITORY}") == 1
    assert (
        next(call.json["base"] for call in server.calls if call.path.endswith("/pulls")) == "main"
    )


def test_reviewers_and_draft_are_asked_for(
    server: FaultServer, github: GitHub, double: FakeGitHub
) -> None:
    opened = github.open(a_change(draft=True, reviewers=("ada",), team_reviewers=("platform",)))
    assert double.pulls[0]["draft"] is True
    asked = [call.json for call in server.calls if call.path.endswith("/requested_reviewers")]
    assert asked[0] == {"reviewers": ["ada"], "team_reviewers": ["platform"]}
    # The double knows no team: the pull request stands, Ada is asked, and the operator is told.
    assert double.requested == {1: {"ada"}}
    assert len(opened.notes) == 1
    assert "asking reviewers (platform)" in opened.notes[0]


def test_one_impossible_reviewer_loses_no_other(github: GitHub, double: FakeGitHub) -> None:
    opened = github.open(a_change(reviewers=("ada", "the-author", "bea")))
    assert double.requested == {1: {"ada", "bea"}}
    assert [note for note in opened.notes if "the-author" not in note] == []
    assert len(opened.notes) == 1


INVALID = Reply(422, {"message": "Validation Failed", "errors": [{"field": "name", "code": "?"}]})


def test_a_label_that_is_refused_right_after_the_opening_is_added_by_the_next_attempt(
    server: FaultServer, github: GitHub, double: FakeGitHub
) -> None:
    server.fault = always(Fault(reply=INVALID), "POST labels")
    with pytest.raises(UpstreamUnavailableError, match="tried once more"):
        github.open(a_change())
    server.fault = lambda number, call: None
    opened = github.open(a_change(fresh=False))
    assert (double.labels[1], opened.notes) == ({"infrallm", "prod"}, ())
    assert len(double.pulls) == 1


def test_a_label_that_is_always_refused_loses_no_other(
    server: FaultServer, github: GitHub, double: FakeGitHub
) -> None:
    server.fault = lambda number, call: (
        Fault(reply=INVALID) if "labels" in call.path and "prod" in call.json["labels"] else None
    )
    opened = github.open(a_change(fresh=False))
    assert double.labels[1] == {"infrallm"}
    assert len(opened.notes) == 1
    assert "adding labels (prod)" in opened.notes[0]


PASSING = [
    ({"message": "Validation Failed", "errors": [{"field": "head", "code": "invalid"}]}, 2),
    ({"message": "Validation Failed", "errors": [{"message": "was submitted too quickly"}]}, 60),
]


@pytest.mark.parametrize(("content", "wait"), PASSING)
def test_a_refusal_that_passes_by_itself_is_retried(
    server: FaultServer, github: GitHub, double: FakeGitHub, content: object, wait: float
) -> None:
    server.fault = always(Fault(reply=Reply(422, content)), "POST /pulls")
    with pytest.raises(UpstreamUnavailableError) as caught:
        github.open(a_change())
    assert (caught.value.retryable, caught.value.retry_after) == (True, wait)
    server.fault = lambda number, call: None
    github.open(a_change(fresh=False))
    assert len(double.pulls) == 1


def test_a_renamed_default_branch_is_learnt_without_a_restart(
    server: FaultServer, double: FakeGitHub
) -> None:
    github = GitHub(Auth.Token("good-token"), REPOSITORY, server.url)
    assert github.base_branch == "main"
    double.rename_default_branch("trunk")
    with pytest.raises(UpstreamUnavailableError, match="next attempt asks for its new name"):
        github.open(a_change())
    github.open(a_change(fresh=False))
    assert github.base_branch == "trunk"
    assert len(double.pulls) == 1


@pytest.mark.parametrize("name", ["acme/terraform", "platform/infrastructure"])
def test_a_renamed_or_moved_repository_is_followed_and_health_says_so(
    server: FaultServer, github: GitHub, double: FakeGitHub, name: str
) -> None:
    double.rename(name)
    github.place(query(fresh=False))
    opened = github.open(a_change(fresh=False))
    assert github.open(a_change(fresh=False)).number == opened.number == 1
    assert github.health().detail.startswith(f"{REPOSITORY} is now {name}.")


@pytest.mark.parametrize("content", [{}, b"<html>A proxy</html>", {"message": "ok"}, 7])
def test_a_directory_is_taken_only_by_what_github_says_of_it(
    server: FaultServer, github: GitHub, content: object
) -> None:
    server.fault = always(Fault(reply=Reply(200, content)))
    with pytest.raises(UpstreamUnavailableError, match="does not speak GitHub's API"):
        github.place(query())


def test_an_apps_commit_names_no_author_so_that_github_signs_it(
    server: FaultServer, double: FakeGitHub
) -> None:
    github = an_app(server, double)
    double.has_graphql = False
    github.open(a_change())
    [commit] = [call.json for call in server.calls if call.path.endswith("/git/commits")]
    assert set(commit) == {"message", "tree", "parents"}
    assert github.open(a_change(fresh=False)).number == 1
    assert len(double.pulls) == 1


def test_a_token_that_github_no_longer_takes_is_made_anew(
    server: FaultServer, double: FakeGitHub
) -> None:
    github = an_app(server, double)
    double.token = "newer-token"
    assert github.health().detail.startswith("GitHub does not accept the portal's key")
    github.place(query())


def an_app(server: FaultServer, double: FakeGitHub) -> GitHub:
    def upstream(call: Call) -> Reply:
        if call.path == "/app/installations/100/access_tokens":
            return Reply(201, {"token": double.token, "expires_at": "2099-01-01T00:00:00Z"})
        return double(call)

    server.upstream = upstream
    auth = app_installation("12345", a_private_key(), 100)
    github = GitHub(auth, REPOSITORY, server.url, "main")
    github.place(query())
    return github


REFUSALS = [
    (401, {"message": "Bad credentials"}, "does not accept the portal's key", "renew"),
    (403, {"message": "Resource not accessible by integration"}, "does not allow", "write access"),
    (
        403,
        {"message": "Resource protected by organization SAML enforcement."},
        "does not allow",
        "write access",
    ),
    (
        404,
        {"message": "Not Found"},
        "does not exist, or the portal's key may not see it",
        "GITHUB_REPO",
    ),
    (409, {"message": "Git Repository is empty."}, "Git Repository is empty", "first commit"),
    (422, {"message": "Repository rule violations found", "errors": []}, "forbids", "exempt"),
    (403, {"message": "Protected branch update failed"}, "forbids", "exempt"),
    (
        422,
        {"message": "Validation Failed", "errors": [{"field": "base", "code": "invalid"}]},
        "base",
        "GITHUB_BASE_BRANCH",
    ),
    (
        422,
        {"message": "Draft pull requests are not supported in this repository."},
        "does not take",
        "GITHUB_DRAFT",
    ),
    (403, {"message": "Repository was archived so is read-only."}, "is archived", "unarchive"),
    (
        422,
        {"message": "Something new", "errors": "?"},
        "Something new",
        "An operator must look at it",
    ),
    (451, {"message": "Repository access blocked"}, "blocked", "blocked"),
]


@pytest.mark.parametrize(("status", "content", "what", "todo"), REFUSALS)
def test_a_refusal_says_what_is_wrong_and_who_must_do_what(
    server: FaultServer, github: GitHub, *, status: int, content: object, what: str, todo: str
) -> None:
    server.fault = always(Fault(reply=Reply(status, content)))
    with pytest.raises(UpstreamRefusedError) as caught:
        github.open(a_change())
    assert what in caught.value.message
    assert todo in caught.value.message
    assert "good-token" not in caught.value.message
    assert caught.value.retryable == (status == 401)
    assert caught.value.code == ("upstream_key_refused" if status == 401 else "upstream_refused")


LIMITS = [
    (
        403,
        {"message": "You have exceeded a secondary rate limit. Please wait."},
        {"retry-after": "30"},
        30,
    ),
    (403, {"message": "You have exceeded a secondary rate limit. Please wait."}, {}, 60),
    (429, {"message": "Too many requests"}, {"retry-after": "3600"}, 3600),
    (429, {"message": "Too many requests"}, {}, 60),
    (
        403,
        {"message": "API rate limit exceeded for installation"},
        {"x-ratelimit-remaining": "0"},
        60,
    ),
]


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(("status", "content", "headers", "wait"), LIMITS)
def test_a_rate_limit_is_told_at_once_with_the_wait_that_github_asks_for(
    server: FaultServer,
    github: GitHub,
    *,
    method: str,
    status: int,
    content: object,
    headers: dict[str, str],
    wait: float,
) -> None:
    server.fault = always(Fault(reply=Reply(status, content, headers)), method)
    with pytest.raises(RateLimitedError) as caught:
        github.open(a_change())
    assert caught.value.retry_after == wait
    assert [call.method for call in server.calls] == (
        ["GET"] if method == "GET" else ["GET", "GET", "POST"]
    )


def test_a_reset_time_and_a_date_are_waits_as_well(server: FaultServer, github: GitHub) -> None:
    soon = time.time() + 500
    for headers in (
        {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(soon))},
        {"retry-after": format_datetime(datetime.fromtimestamp(soon, UTC), usegmt=True)},
    ):
        server.fault = always(
            Fault(reply=Reply(403, {"message": "API rate limit exceeded"}, headers))
        )
        with pytest.raises(RateLimitedError) as caught:
            github.open(a_change())
        assert caught.value.retry_after is not None
        assert 400 < caught.value.retry_after <= 500


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_fault_of_githubs_is_retried_by_the_queue_and_a_post_is_never_sent_again(
    server: FaultServer, github: GitHub, status: int
) -> None:
    server.fault = always(
        Fault(reply=Reply(status, b"<html>Unicorn!</html>", {"retry-after": "7"})), "POST"
    )
    with pytest.raises(UpstreamUnavailableError, match=f"fault of its own .{status}.") as caught:
        github.open(a_change())
    assert caught.value.retryable
    assert caught.value.retry_after == 7
    assert [call.method for call in server.calls] == ["GET", "GET", "POST"]


def test_a_look_that_fails_once_is_taken_again(server: FaultServer, github: GitHub) -> None:
    server.fault = lambda number, call: Fault(reply=Reply(502, b"")) if number == 0 else None
    assert github.open(a_change()).number == 1


@pytest.mark.parametrize("fault", [Fault(), Fault(done=True)])
def test_a_dropped_connection_is_retried_by_the_queue_and_leaves_one_pull_request(
    server: FaultServer, github: GitHub, double: FakeGitHub, fault: Fault
) -> None:
    server.fault = lambda number, call: (
        fault if call.path.endswith("/pulls") and call.method == "POST" else None
    )
    with pytest.raises(
        UpstreamUnavailableError, match="connection to GitHub broke while opening the pull request"
    ):
        github.open(a_change())
    server.fault = lambda number, call: None
    github.open(a_change(fresh=False))
    assert len(double.pulls) == 1


@pytest.mark.parametrize(
    "fault", [Fault(silent=True), Fault(slow=True, reply=Reply(200, {"padding": "x" * 200}))]
)
def test_silence_and_a_slow_body_end_after_the_time_limit(
    server: FaultServer, fault: Fault
) -> None:
    github = GitHub(Auth.Token("good-token"), REPOSITORY, server.url, "main", timeout=1)
    server.fault = always(fault, "POST")
    with pytest.raises(
        UpstreamUnavailableError, match="did not answer in time while writing the commit"
    ):
        github.open(a_change())
    assert [call.method for call in server.calls] == ["GET", "GET", "POST"]


def test_nobody_listening_is_a_broken_connection() -> None:
    with pytest.raises(UpstreamUnavailableError, match="connection to GitHub broke"):
        GitHub(Auth.Token("good-token"), REPOSITORY, "http://127.0.0.1:9", "main").open(a_change())


@pytest.mark.parametrize(
    "reply",
    [
        Reply(200, b"<html>Sign in to the Wi-Fi</html>"),
        Reply(200, b'{"half": '),
        Reply(200, []),
        Reply(301, b"", {"location": "https://elsewhere.example/"}),
        Reply(302, b"", {"location": "https://elsewhere.example/"}),
    ],
)
def test_something_that_is_not_github_is_told_as_such(
    server: FaultServer, github: GitHub, reply: Reply
) -> None:
    server.fault = always(Fault(reply=reply))
    with pytest.raises(PortalError, match="does not speak GitHub's API") as caught:
        github.open(a_change())
    assert "GITHUB_API_URL" in caught.value.message


def test_githubs_words_are_quoted_on_one_line_and_cut(server: FaultServer, github: GitHub) -> None:
    server.fault = always(Fault(reply=Reply(422, {"message": "a\nb\x1b[31m" + "c" * 5000})))
    with pytest.raises(UpstreamRefusedError) as caught:
        github.open(a_change())
    assert "a b[31mccc" in caught.value.message
    assert len(caught.value.message) < 600


def test_health_is_connected_after_one_real_call_a_minute(
    server: FaultServer, github: GitHub
) -> None:
    assert [github.health() for _ in range(5)] == [CONNECTED] * 5
    assert [call.path for call in server.calls] == [f"/repos/{REPOSITORY}"]


def test_health_says_when_the_key_may_not_push(double: FakeGitHub, github: GitHub) -> None:
    double.permissions = {"push": False}
    assert github.health().detail == (
        "The portal's key may read the repository but not write. An operator must grant write access."
    )


def test_health_says_what_is_wrong_and_never_raises(server: FaultServer) -> None:
    bad = GitHub(Auth.Token("bad-token"), REPOSITORY, server.url)
    assert bad.health().detail.startswith("GitHub does not accept the portal's key")
    assert "bad-token" not in bad.health().detail
    missing = GitHub(Auth.Token("good-token"), "acme/nothing", server.url)
    assert missing.health().detail.startswith(
        "GitHub shows nothing while reading the repository: acme/nothing"
    )


def test_an_app_asks_for_its_permissions_by_name(server: FaultServer, double: FakeGitHub) -> None:
    asked: list[object] = []

    def upstream(call: Call) -> Reply:
        if call.path == "/app/installations/100/access_tokens":
            asked.append(call.json)
            return Reply(201, {"token": "good-token", "expires_at": "2099-01-01T00:00:00Z"})
        return double(call)

    server.upstream = upstream
    github = GitHub(app_installation("12345", a_private_key(), 100), REPOSITORY, server.url, "main")
    assert github.health() == CONNECTED
    assert github.open(a_change()).number == 1
    assert asked == [{"permissions": PERMISSIONS}]


@pytest.mark.emulator
@pytest.mark.parametrize("contents", ["write", "read"])
def test_the_emulator_checks_an_apps_signature_and_its_grants(
    tmp_path: Path, contents: str
) -> None:
    key = a_private_key()
    installation = {"installation_id": 100, "account": "acme"}
    granted = {**PERMISSIONS, "contents": contents}
    app = {
        "app_id": 12345,
        "slug": "portal-app",
        "name": "Portal",
        "private_key": key,
        "permissions": granted,
    }
    with github_emulator.running(tmp_path, [{**app, "installations": [installation]}]) as url:
        repository = github_emulator.make_repository(url)
        github = GitHub(app_installation("12345", key, 100), repository, url, "main")
        if contents == "write":
            assert github.health() == CONNECTED
            assert github.open(a_change()).state == "open"
        else:
            assert github.health().detail.startswith("GitHub")
            with pytest.raises(UpstreamRefusedError):
                github.open(a_change())
        stranger = GitHub(app_installation("12345", a_private_key(), 100), repository, url, "main")
        assert stranger.health().detail.startswith("GitHub does not accept the portal's key")


def test_an_app_without_a_usable_key_is_told_to_the_operator(server: FaultServer) -> None:
    github = GitHub(app_installation("12345", "not a key", 100), REPOSITORY, server.url, "main")
    assert github.health().detail == (
        "The GitHub App's private key is not a usable PEM key. An operator must replace it."
    )
    assert server.calls == []


@pytest.mark.parametrize(
    ("api_url", "expected"),
    [
        ("https://api.github.com", "https://github.com"),
        ("https://api.acme.ghe.com", "https://acme.ghe.com"),
        ("https://git.acme.example/api/v3", "https://git.acme.example"),
    ],
)
def test_links_lead_to_the_web_address_of_the_host(api_url: str, expected: str) -> None:
    assert web_url(api_url) == expected
