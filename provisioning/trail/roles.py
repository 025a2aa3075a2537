"""Roles of Postgres: migrations and retention own the tables; web and worker connect as somebody who only adds to the trail."""

from django.db import connection
from psycopg import sql

# What the portal adds to and reads; its owner alone takes something out.
# Not the list of what is unsealed: the sealer takes out of it what it has sealed.
APPEND_ONLY = (
    "provisioning_trailevent",
    "provisioning_trailpersonal",
    "provisioning_trailseal",
    "provisioning_trailcheckpoint",
)
EXISTS = "SELECT 1 FROM pg_roles WHERE rolname = %s"
# Before the first migration there is no such table, and nothing to change.
MAY_CHANGE = """
    SELECT coalesce(bool_or(has_table_privilege(current_user, oid, 'UPDATE, DELETE, TRUNCATE')), false)
    FROM pg_class WHERE relname = ANY(%s) AND pg_table_is_visible(oid)
"""
WARNING = (
    "This role of Postgres could change the audit trail: connect web and worker with one that "
    "manage.py database_role made (docs/audit.md)."
)


def grant(role: str) -> bool:
    """Lets the role work and only add to the trail. A second call, after a migration, does the same for new tables. True where
    the role was made: without a password, which its owner sets."""
    with connection.cursor() as cursor:
        cursor.execute(EXISTS, [role])
        is_new = cursor.fetchone() is None
        if is_new:
            cursor.execute(_with("CREATE ROLE {role} LOGIN", role))
        for statement in STATEMENTS:
            cursor.execute(_with(statement, role))
    return is_new


# In this order: granted afterwards, all tables would have what was taken from four.
STATEMENTS = (
    "GRANT USAGE ON SCHEMA public TO {role}",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}",
    "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}",
    f"REVOKE UPDATE, DELETE, TRUNCATE ON {', '.join(APPEND_ONLY)} FROM {{role}}",
    # Nobody pretends that a migration was applied, or forgets one.
    "REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM {role}",
)


def _with(statement: str, role: str) -> sql.Composed:
    return sql.SQL(statement).format(role=sql.Identifier(role))


def may_change_the_trail() -> bool:
    """Whether this connection's role could change what was recorded, triggers aside."""
    with connection.cursor() as cursor:
        cursor.execute(MAY_CHANGE, [list(APPEND_ONLY)])
        return bool(cursor.fetchone()[0])
