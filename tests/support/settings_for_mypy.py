"""The settings as mypy's Django plugin loads them: it has no environment of its own to set."""

import os

os.environ.setdefault("SECRET_KEY", "stands here for type checks only")

from infrallm_portal.settings import *  # noqa: F403
