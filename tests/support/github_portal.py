"""The portal in this process, on a GitHub that is a stand-in behind a fault server."""

from dataclasses import dataclass

from pydantic import SecretStr

from provisioning.domain import Submission
from provisioning.models import ProvisionRequest
from provisioning.requests import services, tasks
from tests.support.github_double import NAME, OWNER, FakeGitHub
from tests.support.github_fault_server import FaultServer


@dataclass
class GitHubPortal:
    double: FakeGitHub
    server: FaultServer

    def settings(self) -> dict[str, object]:
        return {
            "github_org": OWNER,
            "github_repo": NAME,
            "github_api_url": self.server.url,
            "github_base_branch": "main",
            "allow_example_values": True,  # nobody applies what is written to a stand-in
            "github_token": SecretStr(self.double.token),
        }

    def run(self, text: str) -> ProvisionRequest:
        row = services.submit(Submission(text, "ana"))
        return self.go_on(row)

    def go_on(self, row: ProvisionRequest) -> ProvisionRequest:
        ProvisionRequest.objects.filter(pk=row.pk).update(wake_at=None)
        tasks.run_request(row.request_id)
        row.refresh_from_db()
        return row

    def somebody_opens(self, branch: str, *paths: str) -> None:
        """A pull request that the portal knows nothing of."""
        files = {**self.double.files("main"), **dict.fromkeys(paths, "# theirs\n")}
        sha = self.double.commit(
            self.double.tree(files), [self.double.refs["main"]], "By hand", "then"
        )
        self.double.refs[branch] = sha
        number = len(self.double.pulls) + 1
        url = f"https://github.example/{OWNER}/{NAME}/pull/{number}"
        head = {"ref": branch, "sha": sha}
        self.double.pulls.append(
            {"number": number, "html_url": url, "state": "open", "head": head, "merged_at": None}
        )

    def close(self, number: int) -> None:
        self.double.pulls[number - 1] |= {"state": "closed", "closed_at": "2026-11-23T12:00:00Z"}
