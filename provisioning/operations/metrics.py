"""`/metrics` for Prometheus: gauges read from Postgres at each scrape, so that any web process gives the whole picture."""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from provisioning.operations import outages, snapshot

LANE_GAUGES = (
    ("waiting", "waiting", "Tasks that wait for a worker"),
    ("delayed", "delayed", "Tasks whose time has not come"),
    ("running", "running", "Tasks that a worker has taken"),
    ("given_up", "given_up", "Tasks whose worker died each time"),
    ("oldest_seconds", "oldest_seconds", "Age of the oldest waiting task"),
)


class PortalCollector(Collector):
    def collect(self) -> Iterator[Metric]:
        seen = snapshot.snapshot()
        for name, field, words in LANE_GAUGES:
            family = GaugeMetricFamily(f"infrallm_queue_{name}", words, labels=["lane"])
            for lane in seen.lanes:
                family.add_metric([lane.name], getattr(lane, field))
            yield family
        requests = GaugeMetricFamily(
            "infrallm_requests_unfinished", "Unfinished requests", labels=["status"]
        )
        for status, count in seen.by_status.items():
            requests.add_metric([status], count)
        yield requests
        yield GaugeMetricFamily(
            "infrallm_requests_waiting_for_retry",
            "Requests that wait",
            value=seen.waiting_for_retry,
        )
        yield GaugeMetricFamily(
            "infrallm_requests_running", "Requests that a worker holds", value=len(seen.running)
        )
        # A counter, because it only grows; which looks fail at this moment is on the health page.
        looks = CounterMetricFamily(
            "infrallm_pull_request_looks_failed",
            "Looks at pull requests that failed, wholly or in part",
        )
        looks.add_metric([], outages.looks_failed())
        yield looks
        alive, beat = (
            sum(worker.alive for worker in seen.workers),
            max((worker.beat_seconds for worker in seen.workers), default=0.0),
        )
        yield GaugeMetricFamily(
            "infrallm_workers_alive", "Worker processes that give signs of life", value=alive
        )
        yield GaugeMetricFamily(
            "infrallm_workers_beat_seconds", "Age of the oldest last beat", value=beat
        )


def exposition() -> bytes:
    # Not the library's own: that one counts a single process, and any of them may be scraped.
    registry = CollectorRegistry()
    registry.register(PortalCollector())
    return generate_latest(registry)
