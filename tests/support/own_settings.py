"""For programs that are run by hand with a folder and a database of their own."""

import os
from pathlib import Path


def use(folder: Path, database_url: str) -> None:
    """Before anything of the portal is imported that reads settings. The worker processes inherit them."""
    folder.chmod(0o755)
    os.environ.update(
        DATABASE_URL=database_url,
        DATA_DIR=str(folder),
        SECRET_KEY="only for this run " * 3,
        ENV_FILE=os.devnull,
        DEMO="true",
        TERRAFORM_BINARY="off",
        LOG_LEVEL="WARNING",
        DJANGO_SETTINGS_MODULE="infrallm_portal.settings",
    )
    import django

    django.setup()
