"""Postgres itself keeps the trail append-only: nobody updates or truncates, and only the tables' owner deletes, for
retention, after saying so. A role that may only INSERT and SELECT cannot get around it; see docs/audit.md."""

from django.db import migrations

TABLES = ("provisioning_trailevent", "provisioning_trailpersonal", "provisioning_trailseal")

REFUSE = """
CREATE FUNCTION provisioning_trail_refuses() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND current_setting('infrallm.retention', true) = 'on'
       AND pg_has_role(current_user, (SELECT relowner FROM pg_class WHERE oid = TG_RELID), 'MEMBER') THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'The trail is append-only: % of % is refused.', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$
"""


def triggers(table: str) -> str:
    return f"""
        CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table}
            FOR EACH ROW EXECUTE FUNCTION provisioning_trail_refuses();
        CREATE TRIGGER never_truncated BEFORE TRUNCATE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION provisioning_trail_refuses();
    """


def no_triggers(table: str) -> str:
    return f"DROP TRIGGER append_only ON {table}; DROP TRIGGER never_truncated ON {table};"


class Migration(migrations.Migration):
    dependencies = [("provisioning", "0011_trail")]

    operations = [
        migrations.RunSQL(REFUSE, "DROP FUNCTION provisioning_trail_refuses()"),
        migrations.RunSQL(
            "".join(map(triggers, TABLES)),
            "".join(map(no_triggers, TABLES)),
        ),
    ]
