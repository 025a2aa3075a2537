"""Checkpoints of the trail, and the head of the chain that a request's commit holds."""

from django.db import migrations, models

# As the other tables of the trail (0012): nobody updates, nobody deletes but the owner.
REFUSE = """
    CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON provisioning_trailcheckpoint
        FOR EACH ROW EXECUTE FUNCTION provisioning_trail_refuses();
    CREATE TRIGGER never_truncated BEFORE TRUNCATE ON provisioning_trailcheckpoint
        FOR EACH STATEMENT EXECUTE FUNCTION provisioning_trail_refuses();
"""
ALLOW = """
    DROP TRIGGER append_only ON provisioning_trailcheckpoint;
    DROP TRIGGER never_truncated ON provisioning_trailcheckpoint;
"""


class Migration(migrations.Migration):
    dependencies = [("provisioning", "0020_kept_previews")]

    operations = [
        migrations.CreateModel(
            name="TrailCheckpoint",
            fields=[
                ("number", models.BigIntegerField(primary_key=True, serialize=False)),
                ("digest", models.CharField(max_length=64)),
                ("at", models.DateTimeField()),
                ("signature", models.CharField(help_text="Ed25519, in hexadecimal", max_length=128)),
            ],
        ),
        migrations.RunSQL(REFUSE, ALLOW),
        migrations.AddField(
            model_name="provisionrequest",
            name="trail_head",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="Head of the trail that its commit holds",
                max_length=100,
            ),
        ),
    ]
