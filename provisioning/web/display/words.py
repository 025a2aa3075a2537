"""Durations, moments and counts the way people say them; `static/app.js` counts running times on in the same words."""

from datetime import datetime

from django.utils import timezone


def duration(seconds: float) -> str:
    """ "0.3 s", "12 s", "2 min 5 s", "3 h 10 min"."""
    if seconds < 9.95:
        return f"{max(seconds, 0):.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def day(moment: datetime) -> str:
    """ "Today", "Yesterday", "Fri 20 November", with the year where it is another one."""
    today = timezone.now().date()
    date = moment.date()
    if date == today:
        return "Today"
    if (today - date).days == 1:
        return "Yesterday"
    return f"{moment:%a} {date.day} {moment:%B}" + (
        f" {date.year}" if date.year != today.year else ""
    )


def ago(moment: datetime) -> str:
    """ "just now", "5 minutes ago", "3 hours ago", "yesterday", "12 days ago"."""
    seconds = (timezone.now() - moment).total_seconds()
    if seconds < 45:
        return "just now"
    for size, unit in ((86400, "day"), (3600, "hour")):
        if seconds >= size:
            return _counted(int(seconds // size), unit)
    return _counted(max(1, round(seconds / 60)), "minute")


def _counted(count: int, unit: str) -> str:
    if unit == "day" and count == 1:
        return "yesterday"
    return f"{count} {unit}{'' if count == 1 else 's'} ago"
