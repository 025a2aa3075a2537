from typing import Any

from django.db import migrations, models
from django.db.models import Value


def of_the_settings(apps: Any, schema_editor: Any) -> None:
    """Until now a number meant the pull request of whatever repository the settings named."""
    from provisioning import wiring

    apps.get_model("provisioning", "PullRequest").objects.update(repository=wiring.repository())


class Migration(migrations.Migration):
    dependencies = [("provisioning", "0006_unfinished_requests")]

    operations = [
        migrations.CreateModel(
            name="OpenDirectories",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("repository", models.CharField(max_length=300, unique=True)),
                ("links", models.JSONField(blank=True, default=dict)),
                ("memory", models.JSONField(blank=True, default=dict)),
                ("looked_at", models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.AddField(
            model_name="pullrequest",
            name="directories",
            field=models.JSONField(blank=True, db_default=Value([], models.JSONField()), default=list),
        ),
        migrations.AddField(
            model_name="pullrequest",
            name="repository",
            field=models.CharField(blank=True, db_default="", max_length=300),
        ),
        migrations.RunPython(of_the_settings, migrations.RunPython.noop),
        migrations.AddIndex(
            model_name="pullrequest",
            index=models.Index(condition=models.Q(("state", "open")), fields=["repository"], name="pull_request_open"),
        ),
    ]
