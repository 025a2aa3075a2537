from django.db import migrations


class Migration(migrations.Migration):
    """Each call of the API counts itself. What a crash of Postgres may forget need not wait for the disk: all calls of one
    token change one row, one after another, and each waited for a flush (https://www.postgresql.org/docs/current/sql-createtable.html#SQL-CREATETABLE-UNLOGGED)."""

    dependencies = [("provisioning", "0017_network_ranges")]
    operations = [
        migrations.RunSQL(
            "ALTER TABLE provisioning_ratewindow SET UNLOGGED",
            "ALTER TABLE provisioning_ratewindow SET LOGGED",
        ),
    ]
