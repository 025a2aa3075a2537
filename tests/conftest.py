"""A clean environment before Django looks at it, one Postgres for the whole run, and what happens to tests whose program
is not on this machine: skipped in words, or, where REQUIRE_MARKS names their mark, a failed run."""

import atexit
import gc
import os
import shutil
import tempfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import pytest
from django.conf import settings

from infrallm_portal.configuration import NAMES
from infrallm_portal.dev.devdb import FAST_STOP, UNSAFE_FAST, Cluster
from infrallm_portal.dev.watchdog import Watchdog
from tests.support.emptied import without_truncation
from tests.support.programs import missing

if TYPE_CHECKING:
    from django.test import Client

hypothesis.settings.register_profile(
    "on a busy machine", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("on a busy machine")
pytest_plugins = ["tests.support.portal_fixture", "tests.support.whole_portal"]
running: list[tuple[Cluster, Watchdog]] = []
LIMITS = (
    "PROVISIONS_PER_MINUTE",
    "DRY_RUNS_PER_MINUTE",
    "READS_PER_MINUTE",
    "SIGN_INS_PER_MINUTE",
    "REFUSALS_PER_MINUTE",
)
passed_by_mark: Counter[str] = Counter()
MISSING = missing()


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):  # a worker has the environment of the main process
        _clean_environment()
        if "DATABASE_URL" not in os.environ and not config.option.collectonly:
            _start_database()
    else:
        atexit.register(
            os._exit, 0
        )  # results are sent; to free all that the tests have made takes a second
    settings.WHITENOISE_AUTOREFRESH = True  # else each test client reads all static files first
    without_truncation()
    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.MD5PasswordHasher"
    ]  # the real one is slow on purpose


@pytest.fixture
def client() -> "Client":
    """As it reaches a server on a loopback address: pytest-django's own has the name `testserver`, which no server listens at."""
    from django.test import Client

    return Client(SERVER_NAME="localhost")


def pytest_unconfigure() -> None:
    while running:
        cluster, watchdog = running.pop()
        cluster.stop()
        watchdog.dismiss()
        shutil.rmtree(cluster.folder.parent)


def _clean_environment() -> None:
    """What a developer has set for his own portal must not change a test."""
    for name in {*NAMES, "SSL_CERT_FILE"} - {"DATABASE_URL", "TERRAFORM_PROVIDER_MIRROR"}:
        os.environ.pop(name, None)
    os.environ["SSL_CERT_DIR"] = (
        os.devnull
    )  # no test speaks TLS, and each client of Claude would read all authorities
    os.environ.update(
        SECRET_KEY="only for tests " * 3, ENV_FILE=os.devnull, DEMO="true", TERRAFORM_BINARY="off"
    )
    # A test calls more often than people do; those of the limits set their own.
    os.environ.update(dict.fromkeys(LIMITS, "0"))
    os.environ["DJANGO_SETTINGS_MODULE"] = "infrallm_portal.settings"


def _start_database() -> None:
    folder = Path(tempfile.mkdtemp(prefix="infrallm-tests-"))
    cluster = Cluster(folder / "postgres", (*UNSAFE_FAST, "max_connections=200"))
    watchdog = Watchdog()
    watchdog.guard(cluster.start(), FAST_STOP)
    running.append((cluster, watchdog))
    os.environ["DATABASE_URL"] = cluster.url()


def pytest_xdist_auto_num_workers() -> int:
    """One more than there are cores: many tests wait for a process of their own."""
    return (os.cpu_count() or 1) + 1


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if "chaos" not in config.option.markexpr:
        unasked = [item for item in items if item.get_closest_marker("chaos")]
        config.hook.pytest_deselected(items=unasked)
        items[:] = [item for item in items if item not in unasked]
    for item in items:
        for mark, program in MISSING.items():
            if item.get_closest_marker(mark):
                item.add_marker(pytest.mark.skip(f"{program} is not on this machine"))


def pytest_collection_finish() -> None:
    gc.freeze()  # modules and the catalog: a tenth of the time goes into looking through them again and again
    gc.set_threshold(20_000, 20, 100)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.when == "call" and report.passed:
        passed_by_mark.update(report.keywords.keys())


def _unproved() -> list[str]:
    return [
        mark for mark in os.environ.get("REQUIRE_MARKS", "").split() if not passed_by_mark[mark]
    ]


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    is_worker = hasattr(session.config, "workerinput")
    if not is_worker and _unproved() and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for mark, program in MISSING.items():
        terminalreporter.write_line(
            f"Without {program}: the tests marked {mark!r} were skipped.", yellow=True
        )
    for mark in _unproved():
        terminalreporter.write_line(f"REQUIRE_MARKS: no test marked {mark!r} has passed.", red=True)
