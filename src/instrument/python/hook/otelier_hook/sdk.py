"""Builds the three providers from OTEL_* as the SDK's own configurator does, with our transport under the OTLP exporters."""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass

from . import status
from .names import service_name
from .transport import Transport, WakeableStop


@dataclass(frozen=True)
class Providers:
    traces: object
    metrics: object
    logs: object
    service: str
    endpoint: str
    signals: list[str]


def build() -> Providers:
    _quiet_agent_logger()
    name = service_name(os.environ, os.getcwd())
    if name is not None:
        os.environ["OTEL_SERVICE_NAME"] = name
    from opentelemetry import metrics, trace
    from opentelemetry._logs import get_logger_provider
    from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
    from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk import _configuration

    exporters = (OTLPSpanExporter, OTLPMetricExporter, OTLPLogExporter)
    _resolve_without_scanning(_configuration, exporters)
    credentials = any(key.endswith("_CREDENTIAL_PROVIDER") for key in os.environ)
    _configuration._initialize_components(
        auto_instrumentation_version="otelier",
        resource_attributes=_process_attributes(),
        setup_logging_handler=False,
        exporter_args_map={} if credentials else {exporter: {"_transport": Transport()} for exporter in exporters},
    )
    tracer_provider = trace.get_tracer_provider()
    meter_provider = metrics.get_meter_provider()
    logger_provider = get_logger_provider()
    clients = list(_clients(tracer_provider, meter_provider, logger_provider))
    for client in clients:
        client._shutdown_event = WakeableStop()
    from . import runtime_metrics

    runtime_metrics.install(meter_provider)
    resource = tracer_provider.resource
    signals = [
        signal
        for signal, variable in (("traces", "TRACES"), ("metrics", "METRICS"), ("logs", "LOGS"))
        if os.environ.get(f"OTEL_{variable}_EXPORTER", "otlp").strip().lower() != "none"
    ]
    return Providers(
        tracer_provider,
        meter_provider,
        logger_provider,
        str(resource.attributes.get("service.name", "")),
        os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT", "http://localhost:4318"),
        signals,
    )


def _resolve_without_scanning(configuration: object, exporters: tuple[type, ...]) -> None:
    """Entry points are looked up by reading the metadata of every installed package; the usual names need no look-up."""
    known = dict(zip(("opentelemetry_traces_exporter", "opentelemetry_metrics_exporter", "opentelemetry_logs_exporter"), exporters))
    original = configuration._import_config_components

    def resolve(names, group):
        wanted = [name.strip() for name in names]
        if group in known and all(name == "otlp_proto_http" for name in wanted):
            return [(name, known[group]) for name in wanted]
        if group == "opentelemetry_id_generator" and wanted == ["random"]:
            from opentelemetry.sdk.trace.id_generator import RandomIdGenerator

            return [("random", RandomIdGenerator)]
        return original(names, group)

    configuration._import_config_components = resolve
    configuration._import_opamp = lambda name: None


def _clients(*providers: object):
    """The HTTP clients below the exporters, wherever the SDK keeps them."""
    seen = set()
    stack = list(providers)
    while stack:
        item = stack.pop()
        if id(item) in seen:
            continue
        seen.add(id(item))
        if type(item).__name__ == "_OTLPHTTPClient":
            yield item
            continue
        if not type(item).__module__.startswith("opentelemetry."):
            if isinstance(item, (list, tuple)):
                stack.extend(item)
            continue
        for name in (
            "_active_span_processor",
            "_span_processors",
            "_multi_log_record_processor",
            "_log_record_processors",
            "_sdk_config",
            "_metric_readers",
            "metric_readers",
            "_batch_processor",
            "_exporter",
            "span_exporter",
            "_client",
        ):
            value = getattr(item, name, None)
            if value is not None:
                stack.append(value)


def _process_attributes() -> dict[str, object]:
    """What the Node agent's detectors say too, so that both languages can be grouped alike."""
    import platform
    import socket
    import sys

    return {
        "process.pid": os.getpid(),
        "process.executable.path": sys.executable,
        "process.command_args": list(sys.orig_argv),
        "process.runtime.name": sys.implementation.name,
        "process.runtime.version": platform.python_version(),
        "host.name": socket.gethostname(),
        "host.arch": {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine()),
        "os.type": sys.platform,
        "telemetry.distro.name": "otelier",
    }


class _ToLauncher(logging.Handler):
    """The agent's own complaints, once each, to the launcher instead of the program's stderr."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.said: set[str] = set()

    def emit(self, record: logging.LogRecord) -> None:
        if isinstance(record.msg, str) and record.msg not in self.said and len(self.said) < 20:
            self.said.add(record.msg)
            status.send("agent-log", level=record.levelname, text=record.getMessage())


def _quiet_agent_logger() -> None:
    logger = logging.getLogger("opentelemetry")
    logger.addHandler(_ToLauncher())
    logger.propagate = False
