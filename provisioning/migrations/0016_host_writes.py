import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("provisioning", "0015_rate_windows")]
    operations = [
        migrations.CreateModel(
            name="HostWrites",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField()),
                ("at", models.DateTimeField(db_index=True, default=django.utils.timezone.now)),
                ("provision_request", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="writes", to="provisioning.provisionrequest")),
            ],
        ),
    ]
