from django.db import migrations

# Another column of django-q2's own table; see provisioning/broker.py.
ADD = """
ALTER TABLE django_q_ormq ADD COLUMN subject varchar(100);
CREATE INDEX django_q_ormq_subject ON django_q_ormq (subject) WHERE subject IS NOT NULL;
"""
REMOVE = "ALTER TABLE django_q_ormq DROP COLUMN subject;"


class Migration(migrations.Migration):
    dependencies = [("provisioning", "0003_pull_request_lifecycle")]

    operations = [migrations.RunSQL(ADD, REMOVE)]
