"""Traces for an OpenTelemetry collector: an extra, `pip install garonne[traces]`, and silent until a host is named.

Nothing is imported and nothing is sent unless `[log] traces` holds the address of a collector (OTLP over HTTP).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from typing import Any

from catalog.errors import SettingsInvalid

_tracer: Any = None
_provider: Any = None


def configure(address: str, service: str) -> None:
    """Sends spans to the collector at this address from now on; an empty one sends none.

    Raises `SettingsInvalid` where the extra is not installed.
    """
    global _tracer, _provider
    close()
    if not address:
        return
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError as e:
        raise SettingsInvalid(
            "[log] traces needs OpenTelemetry, which is not installed.", hint="pip install 'garonne[traces]'"
        ) from e
    _provider = TracerProvider(
        resource=Resource.create({"service.name": service, "service.version": version("garonne")})
    )
    exporter = OTLPSpanExporter(endpoint=f"{address.rstrip('/')}/v1/traces", timeout=5)
    _provider.add_span_processor(BatchSpanProcessor(exporter))
    _tracer = _provider.get_tracer("garonne")


def close() -> None:
    """Sends what has not been sent yet, and stops."""
    global _tracer, _provider
    if _provider is not None:
        _provider.shutdown()
    _tracer = _provider = None


def active() -> bool:
    """Whether spans are sent."""
    return _tracer is not None


@contextmanager
def span(name: str, **attributes: str | float) -> Iterator[dict[str, str | float]]:
    """A span around what is done within; what is put into the dictionary becomes its attributes at the end."""
    late: dict[str, str | float] = {}
    if _tracer is None:
        yield late
        return
    with _tracer.start_as_current_span(name, attributes=attributes) as current:
        try:
            yield late
        finally:
            current.set_attributes(late)
