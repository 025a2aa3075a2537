"""How long somebody stays signed in: so long without a click, and so long in any case."""

from importlib import import_module
from time import time

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.auth.signals import user_logged_in
from django.contrib.sessions.backends.base import SessionBase
from django.dispatch import receiver
from django.http import HttpRequest

from provisioning import wiring

BEGAN, SEEN = "began", "seen"
HOUR = 3600
# A click is written down at most this often: a session costs a write each time.
NOTED_EVERY = 60


@receiver(user_logged_in, dispatch_uid="session_begins")
def session_begins(sender: type[User], request: HttpRequest, user: User, **_: object) -> None:
    """However somebody signs in, their session is in the list of their sessions."""
    request.session[BEGAN] = request.session[SEEN] = time()
    request.session.set_expiry(None)
    UserSession.objects.create_from_request(request, user=user)


def is_over(session: SessionBase) -> bool:
    """By the limits that hold now, whatever held when it began. A session of an older release begins when it is first seen."""
    portal, now = wiring.portal(), time()
    began, seen = session.get(BEGAN, now), session.get(SEEN, now)
    idle, age = (now - seen) / HOUR, (now - began) / HOUR
    return bool(idle > portal.session_idle_hours or age > portal.session_max_hours)


def note_use(session: SessionBase) -> None:
    now = time()
    session.setdefault(BEGAN, now)
    if now - session.get(SEEN, 0) > NOTED_EVERY:
        session[SEEN] = now


def end_all(user: User) -> int:
    """Signs somebody out everywhere; how many sessions they had."""
    sessions = list(UserSession.objects.filter(user=user))
    for session in sessions:
        session.end()
    return len(sessions)


def forget_ended() -> None:
    """Sessions that nobody came back to."""
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
