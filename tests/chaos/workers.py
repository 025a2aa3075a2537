"""One `manage.py worker --restart` that is started again whenever it ended, as a container would be."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path

from provisioning.queue.sentinel import die_with
from tests.support.worker_process import PROJECT, members

START_AGAIN_SECONDS = 0.1
ORPHANS_SECONDS = 10.0


class KeptWorker:
    """`troubles` are things that must not happen, in words."""

    def __init__(self, variables: Mapping[str, str], log: Path) -> None:
        self._variables, self._log = dict(variables), log
        self._wanted = True
        self.troubles: list[str] = []
        self.exit_codes: list[int] = []
        self._start()
        self._keeper = threading.Thread(target=self._keep, daemon=True)
        self._keeper.start()

    def _start(self) -> None:
        command = [sys.executable, "manage.py", "worker", "--restart", "--stop-within", "10"]
        environment = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("GITHUB_", "ANTHROPIC_"))
        }
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                command,
                cwd=PROJECT,
                env=environment | self._variables,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=partial(die_with, os.getpid()),  # noqa: PLW1509  a run that is killed itself leaves nothing
            )

    def _keep(self) -> None:
        while True:
            group = self.process.pid
            self.exit_codes.append(self.process.wait())
            deadline = time.monotonic() + ORPHANS_SECONDS
            while left := members(group):
                if time.monotonic() > deadline:
                    self.troubles.append(f"orphans {left}")
                    break
                time.sleep(0.01)
            if not self._wanted:
                return
            time.sleep(START_AGAIN_SECONDS)
            self._start()

    def pids(self, role: str) -> list[int]:
        return [pid for pid, name in members(self.process.pid).items() if name == f"queue-{role}"]

    def kill(self, role: str) -> None:
        """One that dies by itself meanwhile is dead too."""
        for pid in self.pids(role)[:1]:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def freeze(self, role: str) -> None:
        for pid in self.pids(role)[:1]:
            os.kill(pid, signal.SIGSTOP)

    def signal_group(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)

    def kill_main(self) -> None:
        self.process.kill()

    def stop(self) -> None:
        """A wanted stop, which must end well."""
        self._wanted = False
        self.process.terminate()
        self._keeper.join()
        if self.exit_codes[-1] != 0:
            self.troubles.append(f"exit code {self.exit_codes[-1]} after SIGTERM")
