"""Instruments a library right after the program imported it, and no library that it did not import.

Upstream instruments everything installed at start, which imports everything installed at start. Here a finder on sys.meta_path
runs the instrumentor when the first import of its trigger module has finished: start-up stays short, settings such as Django's
are read when the program is ready for it, and what is reported is what the program uses.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import os
import sys
from importlib.machinery import ModuleSpec

from . import frameworks, status

# trigger module -> (instrumentor "module:class" below opentelemetry.instrumentation, its upstream entry point name)
TABLE: dict[str, list[tuple[str, str]]] = {
    "aio_pika": [("aio_pika:AioPikaInstrumentor", "aio-pika")],
    "aiohttp.client": [("aiohttp_client:AioHttpClientInstrumentor", "aiohttp-client")],
    "aiohttp.web": [("aiohttp_server:AioHttpServerInstrumentor", "aiohttp-server")],
    "aiokafka": [("aiokafka:AIOKafkaInstrumentor", "aiokafka")],
    "aiopg": [("aiopg:AiopgInstrumentor", "aiopg")],
    "asyncclick": [("asyncclick:AsyncClickInstrumentor", "asyncclick")],
    "asyncpg": [("asyncpg:AsyncPGInstrumentor", "asyncpg")],
    "boto3": [("boto3sqs:Boto3SQSInstrumentor", "boto3")],
    "aiobotocore": [("botocore:AiobotocoreInstrumentor", "aiobotocore")],
    "botocore.client": [("botocore:BotocoreInstrumentor", "botocore")],
    "cassandra.cluster": [("cassandra:CassandraInstrumentor", "cassandra")],
    "celery": [("celery:CeleryInstrumentor", "celery")],
    "click": [("click:ClickInstrumentor", "click")],
    "confluent_kafka": [("confluent_kafka:ConfluentKafkaInstrumentor", "confluent_kafka")],
    "falcon": [("falcon:FalconInstrumentor", "falcon")],
    "fastapi": [("fastapi:FastAPIInstrumentor", "fastapi")],
    "flask": [("flask:FlaskInstrumentor", "flask")],
    "grpc": [
        ("grpc:GrpcInstrumentorClient", "grpc_client"),
        ("grpc:GrpcInstrumentorServer", "grpc_server"),
        ("grpc:GrpcAioInstrumentorClient", "grpc_aio_client"),
        ("grpc:GrpcAioInstrumentorServer", "grpc_aio_server"),
    ],
    "httpx": [("httpx:HTTPXClientInstrumentor", "httpx")],
    "httpx2": [("httpx:HTTPX2ClientInstrumentor", "httpx2")],
    "jinja2": [("jinja2:Jinja2Instrumentor", "jinja2")],
    "kafka": [("kafka:KafkaInstrumentor", "kafka")],
    "mysql.connector": [("mysql:MySQLInstrumentor", "mysql")],
    "MySQLdb": [("mysqlclient:MySQLClientInstrumentor", "mysqlclient")],
    "pika": [("pika:PikaInstrumentor", "pika")],
    "psycopg": [("psycopg:PsycopgInstrumentor", "psycopg")],
    "psycopg2": [("psycopg2:Psycopg2Instrumentor", "psycopg2")],
    "pymemcache": [("pymemcache:PymemcacheInstrumentor", "pymemcache")],
    "pymongo": [("pymongo:PymongoInstrumentor", "pymongo")],
    "pymssql": [("pymssql:PyMSSQLInstrumentor", "pymssql")],
    "pymysql": [("pymysql:PyMySQLInstrumentor", "pymysql")],
    "pyramid.config": [("pyramid:PyramidInstrumentor", "pyramid")],
    "redis": [("redis:RedisInstrumentor", "redis")],
    "remoulade": [("remoulade:RemouladeInstrumentor", "remoulade")],
    "requests": [("requests:RequestsInstrumentor", "requests")],
    "sqlalchemy": [("sqlalchemy:SQLAlchemyInstrumentor", "sqlalchemy")],
    "sqlite3": [("sqlite3:SQLite3Instrumentor", "sqlite3")],
    "starlette.applications": [("starlette:StarletteInstrumentor", "starlette")],
    "structlog": [("structlog:StructlogInstrumentor", "structlog")],
    "tornado": [("tornado:TornadoInstrumentor", "tornado")],
    "tortoise": [("tortoiseorm:TortoiseORMInstrumentor", "tortoiseorm")],
    "urllib.request": [("urllib:URLLibInstrumentor", "urllib")],
    "urllib3": [("urllib3:URLLib3Instrumentor", "urllib3")],
}
# In every process: context over threads, unhandled exceptions as log records.
ALWAYS = [("threading:ThreadingInstrumentor", "threading"), ("exceptions:UnhandledExceptionInstrumentor", "exceptions")]
# Standard library: reported without a version.
STANDARD = frozenset({"sqlite3", "urllib.request"})
# Distribution whose version is shown, where it is not called like the module.
DISTRIBUTION = {
    "aiohttp.client": "aiohttp", "aiohttp.web": "aiohttp", "botocore.client": "botocore", "cassandra.cluster": "cassandra-driver",
    "confluent_kafka": "confluent-kafka", "grpc": "grpcio", "kafka": "kafka-python", "mysql.connector": "mysql-connector-python",
    "MySQLdb": "mysqlclient", "aio_pika": "aio-pika", "pymysql": "PyMySQL", "pyramid.config": "pyramid",
    "starlette.applications": "starlette", "tortoise": "tortoise-orm", "psycopg2": "psycopg2",
}  # fmt: skip


def install() -> None:
    disabled = {name.strip() for name in os.environ.get("OTEL_PYTHON_DISABLED_INSTRUMENTATIONS", "").split(",")}
    if "*" in disabled:
        status.note("no library is instrumented: OTEL_PYTHON_DISABLED_INSTRUMENTATIONS is *")
        return
    for target, name in ALWAYS:
        if name not in disabled:
            _instrument(target)
    sys.meta_path.insert(0, _AfterImport(disabled))
    # What the start of the interpreter (or a .pth file) has imported already.
    for trigger in [trigger for trigger in TABLE if trigger in sys.modules]:
        _imported(trigger, disabled)
    for trigger in [trigger for trigger in frameworks.AFTER if trigger in sys.modules]:
        frameworks.AFTER[trigger](sys.modules[trigger], instrument_library)


def instrument_library(trigger: str, target: str, **options: object) -> None:
    """Runs one instrumentor, with options of its own, and reports what came of it."""
    conflict = _instrument(target, **options)
    name = trigger.split(".")[0] if trigger not in STANDARD else trigger
    version = None if trigger in STANDARD else _version(trigger)
    if conflict is None:
        status.library(name, version)
    else:
        status.library_left_out(name, version, conflict)


def _imported(trigger: str, disabled: set[str]) -> None:
    for target, name in TABLE[trigger]:
        if name in disabled:
            status.library_left_out(name, None, "disabled by OTEL_PYTHON_DISABLED_INSTRUMENTATIONS")
        elif not frameworks.covered_by_another(trigger):
            instrument_library(trigger, target)


def _instrument(target: str, **options: object) -> str | None:
    """The reason why not, when it was not instrumented."""
    module_name, class_name = target.split(":")
    try:
        module = importlib.import_module(f"opentelemetry.instrumentation.{module_name}")
        instrumentor = getattr(module, class_name)()
        conflict = instrumentor._check_dependency_conflicts()
        if conflict is not None:
            return f"found {conflict.found}, supported is {conflict.required}" if conflict.found else str(conflict)
        instrumentor.instrument(skip_dep_check=True, **options)
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return None


def _version(trigger: str) -> str | None:
    for name in (DISTRIBUTION.get(trigger, trigger), f"{trigger}-binary"):
        try:
            return importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return None


class _AfterImport:
    """Calls back once the trigger modules have been executed. Loaders keep their type: only one method is wrapped, once."""

    def __init__(self, disabled: set[str]) -> None:
        self.disabled = disabled
        self.looking: set[str] = set()

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        if (name not in TABLE and name not in frameworks.AFTER) or name in self.looking:
            return None
        self.looking.add(name)
        try:
            spec = next(
                (
                    found
                    for finder in sys.meta_path
                    if finder is not self and (found := finder.find_spec(name, path, target)) is not None
                ),
                None,
            )
        finally:
            self.looking.discard(name)
        loader = getattr(spec, "loader", None)
        if loader is None or isinstance(loader, type) or not hasattr(loader, "exec_module"):
            return spec
        execute = loader.exec_module

        def execute_then_instrument(module: object) -> None:
            execute(module)
            try:
                if name in TABLE:
                    _imported(name, self.disabled)
                if name in frameworks.AFTER:
                    frameworks.AFTER[name](module, instrument_library)
            except Exception as error:  # the program's import has succeeded and stays so
                status.library_left_out(name.split(".")[0], None, f"{type(error).__name__}: {error}")

        try:
            loader.exec_module = execute_then_instrument
        except AttributeError:
            pass  # a loader without a dictionary of its own: leave the library alone
        return spec
