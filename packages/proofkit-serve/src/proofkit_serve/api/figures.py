"""Figures for Prometheus, one registry an app. Names and labels stand in this one module."""

from collections.abc import Callable, Iterable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily

from proofkit_core.drafting.events import Attempt, DraftEvent, FellBack, Void
from proofkit_serve.api.envelope import Seen
from proofkit_serve.jobs.records import Ended
from proofkit_serve.registry.states import ModelState

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_ENDED = ("model", "end")
_LONG_SECONDS = (0.1, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 45.0, 90.0, 180.0, 600.0)


class Figures:
    """What is counted."""

    def __init__(self) -> None:
        """Begin at nothing."""
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "proofkit_http_requests",
            "Requests by method, address and status.",
            ("method", "route", "status"),
            registry=self._registry,
        )
        self._request_seconds = Histogram(
            "proofkit_http_request_seconds",
            "Seconds from a request to the end of its answer.",
            ("method", "route"),
            registry=self._registry,
            buckets=_SECONDS,
        )
        self._generations = Counter(
            "proofkit_generations", "Generations by kind and end.", ("kind", "status"), registry=self._registry
        )
        self._generation_seconds = Histogram(
            "proofkit_generation_seconds",
            "Seconds that a generation works.",
            ("kind",),
            registry=self._registry,
            buckets=_LONG_SECONDS,
        )
        self._attempts = Counter(
            "proofkit_attempts", "Times that a model was asked.", ("model",), registry=self._registry
        )
        self._fallbacks = Counter(
            "proofkit_fallbacks", "Models given up for a text, by reason.", ("reason",), registry=self._registry
        )
        self._voids = Counter(
            "proofkit_voids", "Texts taken back after a piece of them was shown.", ("reason",), registry=self._registry
        )
        self._tokens = Counter("proofkit_completion_tokens", "Tokens that models wrote.", registry=self._registry)

    def watch(self, jobs: Callable[[], tuple[int, int]], states: Callable[[], Iterable[ModelState]]) -> None:
        """Show what is only known when it is asked for.

        Args:
            jobs: Returns how many generations wait and run.
            states: Returns how each model stands.
        """
        waiting = Gauge("proofkit_generations_waiting", "Generations that wait.", registry=self._registry)
        waiting.set_function(lambda: jobs()[0])
        running = Gauge("proofkit_generations_running", "Generations that run.", registry=self._registry)
        running.set_function(lambda: jobs()[1])
        self._registry.register(_Models(states))

    def on_seen(self, seen: Seen) -> None:
        """Count a request."""
        self._requests.labels(seen.method, seen.route, str(seen.status)).inc()
        self._request_seconds.labels(seen.method, seen.route).observe(seen.seconds)

    def on_end(self, ended: Ended) -> None:
        """Count a generation that is over."""
        self._generations.labels(ended.kind, ended.status).inc()
        self._generation_seconds.labels(ended.kind).observe(ended.seconds)
        self._tokens.inc(ended.tokens)

    def on_event(self, event: DraftEvent) -> None:
        """Count what happens at the desk; called in the threads that draft."""
        match event:
            case Attempt(model=model):
                self._attempts.labels(model.id if model else "").inc()
            case FellBack(reason=reason):
                self._fallbacks.labels(reason.value).inc()
            case Void(reason=reason):
                self._voids.labels(reason.value).inc()
            case _:
                pass

    def written(self) -> bytes:
        """Return all figures in Prometheus's text format."""
        return generate_latest(self._registry)


class _Models:
    """Collects how each model stands at the moment it is asked."""

    def __init__(self, states: Callable[[], Iterable[ModelState]]) -> None:
        self._states = states

    def collect(self) -> Iterable[GaugeMetricFamily]:
        status = GaugeMetricFamily("proofkit_model_status", "1 for how a model stands.", labels=("model", "status"))
        failures = GaugeMetricFamily("proofkit_model_failures", "Tries that failed, by kind.", labels=("model", "kind"))
        quality = GaugeMetricFamily(
            "proofkit_model_turned_down", "Answers that were turned down, by reason.", labels=("model", "reason")
        )
        asked = GaugeMetricFamily("proofkit_model_requests", "Requests so far, by how they ended.", labels=_ENDED)
        busy = GaugeMetricFamily("proofkit_model_busy", "Requests under way.", labels=("model",))
        memory = GaugeMetricFamily("proofkit_model_memory_bytes", "Memory of an open model.", labels=("model", "part"))
        for state in self._states():
            status.add_metric((state.id, state.status.value), 1.0)
            for end in ("answered", "failed", "resting", "cancelled"):
                asked.add_metric((state.id, end), float(getattr(state.counts, end)))
            busy.add_metric((state.id,), float(state.counts.busy))
            sizes = state.memory.model_dump(exclude_none=True) if state.memory else {}
            for part, size in sizes.items():
                memory.add_metric((state.id, part), float(size))
            for kind, count in state.counts.failures.items():
                failures.add_metric((state.id, kind.value), float(count))
            for reason, count in state.counts.quality.items():
                quality.add_metric((state.id, reason.value), float(count))
        yield from (status, asked, failures, quality, busy, memory)
