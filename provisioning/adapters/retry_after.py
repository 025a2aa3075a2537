"""`Retry-After`: seconds or a date (https://www.rfc-editor.org/rfc/rfc9110#field.retry-after)."""

import time
from email.utils import parsedate_to_datetime


def seconds_of(header: str) -> float | None:
    """None where it says neither."""
    told = header.strip()
    if told.isdecimal():
        return float(told)
    try:
        return max(0.0, parsedate_to_datetime(told).timestamp() - time.time())
    except ValueError:
        return None
