"""Who shows a token and whether they have calls left, in one statement. Tokens of people, whose teams and standing take more,
are the site's."""

import json
from math import ceil
from typing import Any, NamedTuple

from psycopg import AsyncConnection

from provisioning.domain.identity import Caller
from provisioning.identity import limits, tokens
from provisioning.identity.limits import COUNT, Allowance, Kind

# The count is made of the same statement as everywhere, for the service that the token turns out to be.
COUNT_FOUND = COUNT.replace(
    "VALUES (%s, clock_timestamp(), 1)",
    "SELECT left('read token ' || found.name, 200), clock_timestamp(), 1 FROM found WHERE %(limit)s > 0",
)
SERVICE = f"""
WITH found AS (
    SELECT token.id, token.name, token.scopes::text, team.name AS team, token.last_used_at
    FROM provisioning_apitoken AS token LEFT JOIN provisioning_team AS team ON team.id = token.team_id
    WHERE token.digest = %(digest)s AND token.person_id IS NULL AND token.revoked_at IS NULL
        AND (token.expires_at IS NULL OR token.expires_at > clock_timestamp())
), noted AS (
    UPDATE provisioning_apitoken AS token SET last_used_at = clock_timestamp() FROM found
    WHERE token.id = found.id AND (found.last_used_at IS NULL
        OR found.last_used_at < clock_timestamp() - %(noted_every)s)
), counted (used, seconds) AS ({COUNT_FOUND})
SELECT found.name, found.scopes, found.team, counted.used, counted.seconds
FROM found LEFT JOIN counted ON true
"""  # noqa: S608  of constants only


class Known(NamedTuple):
    """`allowance` is None where there is no limit."""

    caller: Caller
    allowance: Allowance | None


async def known(session: AsyncConnection[Any], token: str) -> Known | None:
    """None for a token that the site has to look at. The call is counted for whoever is known."""
    bootstrap = tokens.bootstrap_caller(token)
    limit = limits.limit_of(Kind.READ)
    if bootstrap is not None:
        return Known(bootstrap, await _counted(session, bootstrap, limit))
    values = {"digest": tokens.digest(token), "limit": limit, "noted_every": tokens.USE_NOTED_EVERY}
    row = await (await session.execute(SERVICE, values)).fetchone()
    if row is None:
        return None
    name, scopes, team, used, seconds = row
    caller = tokens.service_caller(name, json.loads(scopes), team)
    return Known(caller, None if used is None else _allowance(limit, used, seconds))


async def _counted(session: AsyncConnection[Any], caller: Caller, limit: int) -> Allowance | None:
    """A caller with a token is counted by it, so that the address says nothing."""
    if limit == 0:
        return None
    key = f"{Kind.READ.value} {limits.key_of(caller, '')}"[:200]
    row = await (await session.execute(COUNT, [key])).fetchone()
    return None if row is None else _allowance(limit, *row)


def _allowance(limit: int, used: int, seconds: Any) -> Allowance:
    return Allowance(Kind.READ, limit, limit - used, max(1, ceil(seconds)))
