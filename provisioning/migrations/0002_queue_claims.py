from django.db import migrations

# Columns of django-q2's own table, which django-q2 neither reads nor writes; see provisioning/broker.py.
ADD = """
ALTER TABLE django_q_ormq ADD COLUMN claimed_by integer, ADD COLUMN deliveries smallint NOT NULL DEFAULT 0;
CREATE INDEX django_q_ormq_next ON django_q_ormq (key, id) WHERE claimed_by IS NULL;
CREATE INDEX django_q_ormq_claimed ON django_q_ormq (claimed_by) WHERE claimed_by IS NOT NULL;
"""
REMOVE = "ALTER TABLE django_q_ormq DROP COLUMN claimed_by, DROP COLUMN deliveries;"


class Migration(migrations.Migration):
    dependencies = [
        ("provisioning", "0001_provision_requests"),
        ("django_q", "0019_alter_task_options_alter_ormq_key_alter_ormq_lock_and_more"),
    ]

    operations = [migrations.RunSQL(ADD, REMOVE)]
