"""`/metrics` for Prometheus: gauges read from Postgres at each scrape, so that any web process gives the whole picture."""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from provisioning import operations


class Portal(Collector):
    def collect(self) -> Iterator[GaugeMetricFamily]:
        seen = operations.snapshot()
        waiting = GaugeMetricFamily("infrallm_queue_waiting", "Tasks that wait for a worker", labels=["lane"])
        oldest = GaugeMetricFamily("infrallm_queue_oldest_seconds", "Age of the oldest waiting task", labels=["lane"])
        for lane in seen.lanes:
            waiting.add_metric([lane.name], lane.waiting)
            oldest.add_metric([lane.name], lane.oldest_seconds)
        requests = GaugeMetricFamily("infrallm_requests_unfinished", "Unfinished requests", labels=["status"])
        for status, count in seen.by_status.items():
            requests.add_metric([status], count)
        yield from (waiting, oldest, requests)
        yield GaugeMetricFamily(
            "infrallm_requests_waiting_for_retry", "Requests that wait", value=seen.waiting_for_retry
        )
        yield GaugeMetricFamily("infrallm_requests_running", "Requests that a worker holds", value=len(seen.running))
        yield GaugeMetricFamily(
            "infrallm_workers_alive", "Worker processes with a living session", value=len(seen.workers)
        )


def exposition() -> bytes:
    registry = CollectorRegistry()
    registry.register(Portal())
    return generate_latest(registry)
