"""An exclusion constraint that Postgres has without an extension: `inet_ops` of GiST, which must be named
(https://www.postgresql.org/docs/current/gist.html#GIST-BUILTIN-OPCLASSES)."""

import django.db.models.deletion
from django.db import migrations, models

NO_OVERLAP = """
    ALTER TABLE provisioning_networkrange
    ADD CONSTRAINT network_ranges_do_not_overlap EXCLUDE USING gist ((cidr::inet) inet_ops WITH &&)
"""


class Migration(migrations.Migration):
    dependencies = [("provisioning", "0016_host_writes")]
    operations = [
        migrations.CreateModel(
            name="NetworkRange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("directory", models.CharField(max_length=300, unique=True)),
                ("cidr", models.CharField(max_length=18)),
                ("provision_request", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="ranges", to="provisioning.provisionrequest")),
            ],
        ),
        migrations.RunSQL(
            NO_OVERLAP,
            "ALTER TABLE provisioning_networkrange DROP CONSTRAINT network_ranges_do_not_overlap",
        ),
    ]
