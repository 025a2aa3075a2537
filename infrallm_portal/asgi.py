"""The web server's entrance: bodies are read first, then one of WEB_THREADS threads runs the site. Each of them keeps one
connection to Postgres, so that a process has no more connections than threads, however many callers there are."""

from typing import cast

from a2wsgi import WSGIMiddleware
from a2wsgi.wsgi_typing import WSGIApp
from django.conf import settings
from django.urls import get_resolver

from infrallm_portal.bulkhead import Bulkhead
from infrallm_portal.request_buffering import RequestBuffering
from infrallm_portal.wsgi import application as site
from provisioning import wiring
from provisioning.api.lane.headers import of_every_answer
from provisioning.api.lane.lane import PollLane
from provisioning.pull_requests import catch_up

BODY_SECONDS = 20.0  # for a whole body; GitHub itself gives a delivery ten seconds
TURN_SECONDS = 10.0
DRY_RUNS = frozenset({("POST", "/api/v1/dry-run"), ("POST", "/preview")})
# Chunks that wait for a slow reader before they hold a thread: more than any file of the portal has.
CHUNKS_AHEAD = 256


def _application(threads: int) -> PollLane:
    """A quarter of the threads at most is busy with dry runs; polls and lists of services take none."""
    pool = WSGIMiddleware(cast("WSGIApp", site), workers=threads, send_queue_size=CHUNKS_AHEAD)
    dry_runs = Bulkhead(pool, DRY_RUNS, at_once=max(1, threads // 4), wait_seconds=TURN_SECONDS)
    largest: int = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    whole = RequestBuffering(dry_runs, largest=largest, seconds=BODY_SECONDS)
    return PollLane(whole, of_every_answer())


def _routes() -> object:
    return get_resolver().url_patterns


for part in (_routes, wiring.preview_parser, wiring.preview_checker, wiring.pull_requests):
    part()  # else the first calls, all at once, would each build them
catch_up.at_start()

application = _application(settings.PORTAL.web_threads)
