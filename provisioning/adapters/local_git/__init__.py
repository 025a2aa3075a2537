"""Pull requests in a bare repository on this machine. `git` alone runs the program."""

from provisioning.adapters.local_git.host import LocalGit
from provisioning.adapters.local_git.pulls import LocalPullRequest

__all__ = ["LocalGit", "LocalPullRequest"]
