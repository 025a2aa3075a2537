"""Programs that some tests need and a machine may lack."""

import shutil
from pathlib import Path

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PLAYWRIGHT_BROWSERS = Path("~/.cache/ms-playwright").expanduser()


def chromium() -> str | None:
    """The system's, or else the one that `playwright install chromium` has brought."""
    installed = next((found for name in CHROMIUM_NAMES if (found := shutil.which(name))), None)
    own = sorted(PLAYWRIGHT_BROWSERS.glob("chromium-*/chrome-linux*/chrome"))
    return installed or (str(own[-1]) if own else None)


def terraform() -> str | None:
    return shutil.which("terraform")


def node() -> str | None:
    return shutil.which("node")


NEEDED_BY_MARK = {"browser": chromium, "terraform": terraform, "emulator": node}


def missing() -> dict[str, str]:
    """Marks whose program is not here, with the program's name."""
    return {mark: find.__name__ for mark, find in NEEDED_BY_MARK.items() if find() is None}
