"""DATABASE_URL, or the embedded cluster's socket, as Django's database settings."""

from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from infrallm_portal.configuration import Configuration
from infrallm_portal.dev.devdb import Cluster


def postgres(portal: Configuration) -> dict[str, Any]:
    if portal.database_url:
        return settings_of(portal.database_url.get_secret_value())
    return settings_of(embedded(portal).url())


def embedded(portal: Configuration) -> Cluster:
    return Cluster(portal.data_dir / "postgres")


def settings_of(url: str) -> dict[str, Any]:
    """`postgresql://user:password@host:port/name?sslmode=require`; a Unix socket's folder is `?host=`."""
    parts = urlsplit(url)
    options = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or "postgres",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", None) or parts.hostname or "",
        "PORT": parts.port or "",
        "OPTIONS": options,
    }
