from django.db import migrations, models

# Until now a service could ask for any wait, also for one whose end the driver cannot read.
BOUND_WAITS = """
UPDATE provisioning_provisionrequest SET wake_at = now() WHERE wake_at > now() + interval '1 day';
UPDATE provisioning_pullrequest SET look_at = now() WHERE look_at > now() + interval '1 day';
"""


class Migration(migrations.Migration):
    dependencies = [("provisioning", "0012_trail_refuses_changes")]
    operations = [
        migrations.AddField("provisionrequest", "waiting_since", models.DateTimeField(blank=True, null=True)),
        migrations.AddField("provisionrequest", "waiting_for", models.CharField(blank=True, db_default="", max_length=20)),
        migrations.AddField("pullrequest", "looks_failed", models.PositiveIntegerField(db_default=0, default=0)),
        migrations.AddField("pullrequest", "failing_since", models.DateTimeField(blank=True, null=True)),
        migrations.AddField("pullrequest", "look_error", models.TextField(blank=True, db_default="")),
        migrations.RunSQL(BOUND_WAITS, migrations.RunSQL.noop),
    ]
