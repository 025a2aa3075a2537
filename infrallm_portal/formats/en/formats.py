"""Moments in the admin, where auditors compare them with logs."""

DATETIME_FORMAT = "Y-m-d H:i:s e"
