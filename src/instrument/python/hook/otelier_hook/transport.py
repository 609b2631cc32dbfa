"""How OTLP leaves the process: HTTP by the standard library, or, once the process ends, a file that the launcher sends.

A process that ends must neither wait for a slow stack nor lose its last spans, so from `Spool.open_` on every request becomes a
file in <run dir>/spool: a JSON line {url, headers}, a line break, the body. The launcher sends and deletes it.
"""

from __future__ import annotations

import http.client
import itertools
import json
import os
import ssl
import threading
import urllib.parse
from collections.abc import Mapping

from opentelemetry.exporter.http.transport._base import BaseHTTPResult, BaseHTTPTransport


class Spool:
    """Where ending processes leave their requests. `ending` is set once; waiting retries wake up by it."""

    ending = threading.Event()
    _numbers = itertools.count()

    @staticmethod
    def available() -> bool:
        directory = os.environ.get("OTELIER_RUN_DIR")
        return bool(directory) and os.path.isdir(os.path.join(directory, "spool"))

    @classmethod
    def write(cls, url: str, headers: Mapping[str, str], body: bytes) -> bool:
        directory = os.path.join(os.environ.get("OTELIER_RUN_DIR", ""), "spool")
        path = os.path.join(directory, f"{os.getpid()}-{next(cls._numbers)}.otlp")
        try:
            with open(path + ".part", "xb") as out:
                out.write(json.dumps({"url": url, "headers": dict(headers)}).encode() + b"\n" + body)
            os.rename(path + ".part", path)
        except OSError:
            return False
        return True


class Result(BaseHTTPResult):
    def __init__(
        self,
        status_code: int | None = None,
        reason: str | None = None,
        error: Exception | None = None,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(status_code, reason, error)
        object.__setattr__(self, "_body", body)
        object.__setattr__(self, "_headers", {key.lower(): value for key, value in (headers or {}).items()})

    def content(self) -> bytes:
        return self._body

    def headers(self) -> Mapping[str, str]:
        return self._headers


class Transport(BaseHTTPTransport):
    """One connection a thread, kept alive; reconnects when the server closed it (the client above retries once at once)."""

    def __init__(self) -> None:
        self._local = threading.local()
        self._pid = os.getpid()

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: dict[str, str] | None = None,
        timeout: float | None = None,
        data: bytes | None = None,
    ) -> BaseHTTPResult:
        ending = Spool.ending.is_set()
        if ending and Spool.available() and Spool.write(url, headers or {}, data or b""):
            return Result(200, "OK")
        if ending:
            timeout = min(timeout or 2.0, 2.0)
        try:
            return self._send(method, url, headers or {}, data or b"", timeout)
        except (OSError, http.client.HTTPException) as error:
            self._drop()
            return Result(error=error)

    def _send(self, method: str, url: str, headers: Mapping[str, str], body: bytes, timeout: float | None) -> Result:
        target = urllib.parse.urlsplit(url)
        connection = self._connection(target, timeout)
        path = (target.path or "/") + (f"?{target.query}" if target.query else "")
        connection.request(method, path, body=body, headers=dict(headers))
        response = connection.getresponse()
        content = response.read()
        return Result(response.status, response.reason, None, content, dict(response.getheaders()))

    def _connection(self, target: urllib.parse.SplitResult, timeout: float | None) -> http.client.HTTPConnection:
        if self._pid != os.getpid():  # a forked child must not write into its parent's socket
            self._local, self._pid = threading.local(), os.getpid()
        kept = getattr(self._local, "connection", None)
        if kept is not None:
            kept.timeout = timeout
            if kept.sock is not None:
                kept.sock.settimeout(timeout)
            return kept
        host, port = target.hostname or "localhost", target.port
        if target.scheme == "https":
            connection = http.client.HTTPSConnection(host, port, timeout=timeout, context=_tls_context())
        else:
            connection = http.client.HTTPConnection(host, port, timeout=timeout)
        self._local.connection = connection
        return connection

    def _drop(self) -> None:
        kept = getattr(self._local, "connection", None)
        if kept is not None:
            kept.close()
            self._local.connection = None

    def close(self) -> None:
        self._drop()

    def is_connection_error(self, exception: Exception | None) -> bool:
        return isinstance(exception, (OSError, http.client.HTTPException)) and not Spool.ending.is_set()


def _tls_context() -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=os.environ.get("OTEL_EXPORTER_OTLP_CERTIFICATE") or None)
    certificate = os.environ.get("OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE")
    if certificate:
        context.load_cert_chain(certificate, os.environ.get("OTEL_EXPORTER_OTLP_CLIENT_KEY") or None)
    return context


class WakeableStop:
    """Stands in for the exporter's shutdown event: a retry that waits goes on at once when the process ends, into the spool."""

    def __init__(self) -> None:
        self._stopped = threading.Event()

    def set(self) -> None:
        self._stopped.set()

    def is_set(self) -> bool:
        return self._stopped.is_set()

    def wait(self, timeout: float | None = None) -> bool:
        Spool.ending.wait(timeout)
        return self._stopped.is_set() or (Spool.ending.is_set() and not Spool.available())
