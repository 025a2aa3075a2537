"""DATABASE_URL, or the embedded cluster's socket, as Django's database settings."""

from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from infrallm_portal.configuration import Configuration
from infrallm_portal.dev.devdb import Cluster

# A host that swallows packets, instead of refusing them, is away after these seconds and not after minutes.
# https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS; the address may say something else.
AWAY = {
    "connect_timeout": "5",
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "20000",  # in milliseconds
}


def postgres(portal: Configuration) -> dict[str, Any]:
    if portal.database_url:
        return settings_of(portal.database_url.get_secret_value())
    return settings_of(embedded(portal).url())


def embedded(portal: Configuration) -> Cluster:
    return Cluster(portal.data_dir / "postgres")


def settings_of(url: str) -> dict[str, Any]:
    """`postgresql://user:password@host:port/name?sslmode=require`; a Unix socket's folder is `?host=`."""
    parts = urlsplit(url)
    options = {**AWAY, **dict(parse_qsl(parts.query))}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or "postgres",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", None) or parts.hostname or "",
        "PORT": parts.port or "",
        "OPTIONS": options,
    }
