"""OpenTelemetry, with `chatsynth[tracing]`: on if the environment names a collector."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import structlog
from opentelemetry import trace
from opentelemetry.context import attach, detach
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from chatsynth import __version__
from chatsynth.kit.tracing import Attributes, Place

log = structlog.get_logger(__name__)
ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
_PROPAGATOR = TraceContextTextMapPropagator()


def is_asked_for(environment: Mapping[str, str]) -> bool:
    is_off = environment.get("OTEL_SDK_DISABLED", "").lower() == "true"
    exporter = environment.get("OTEL_TRACES_EXPORTER", "otlp").lower()
    return not is_off and exporter == "otlp" and any(environment.get(name) for name in ENDPOINTS)


def tracer_from(environment: Mapping[str, str]) -> "OpenTelemetryTracer | None":
    """None, and no cost, unless it is asked for. A missing package is told and costs the traces, not the server."""
    if not is_asked_for(environment):
        return None
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415
        from opentelemetry.sdk.resources import SERVICE_NAME, SERVICE_VERSION, Resource  # noqa: PLC0415
        from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
        from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415
    except ImportError:
        log.error("traces are asked for, but not installed", install="pip install 'chatsynth[tracing]'")
        return None
    named = {} if "OTEL_SERVICE_NAME" in environment else {SERVICE_NAME: "chatsynth"}
    provider = TracerProvider(resource=Resource.create({**named, SERVICE_VERSION: __version__}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return OpenTelemetryTracer(provider.get_tracer("chatsynth", __version__), provider.shutdown)


@dataclass(frozen=True, slots=True)
class _Span:
    span: trace.Span

    def describe(self, name: str, attributes: Attributes) -> None:
        self.span.update_name(name)
        self.span.set_attributes(attributes)


class OpenTelemetryTracer:
    """Implements `kit.tracing.Tracer`. `close` sends what is left."""

    def __init__(self, tracer: trace.Tracer, close: Callable[[], None]) -> None:
        self._tracer = tracer
        self.close = close

    @contextmanager
    def span(self, name: str, attributes: Attributes, headers: Mapping[str, str] | None = None) -> Iterator[_Span]:
        parent = None if headers is None else _PROPAGATOR.extract(headers)
        # An exception may carry what people wrote; the log has it, without the values of variables.
        with self._tracer.start_as_current_span(
            name, parent, attributes=attributes, record_exception=False, set_status_on_exception=False
        ) as span:
            yield _Span(span)

    def here(self) -> Place | None:
        found = trace.get_current_span()
        return found if found.get_span_context().is_valid else None

    @contextmanager
    def within(self, place: Place) -> Iterator[None]:
        token = attach(trace.set_span_in_context(_span_of(place)))
        try:
            yield
        finally:
            detach(token)

    def record(
        self, name: str, began_ns: int, ended_ns: int, attributes: Attributes, of: Place, also_of: Sequence[Place] = ()
    ) -> Place:
        links = [trace.Link(_span_of(each).get_span_context()) for each in also_of]
        parent = trace.set_span_in_context(_span_of(of))
        made = self._tracer.start_span(name, parent, attributes=attributes, links=links, start_time=began_ns)
        made.end(ended_ns)
        return made


def _span_of(place: Place) -> trace.Span:
    assert isinstance(place, trace.Span)
    return place
