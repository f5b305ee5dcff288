"""omnicrm serve and omnicrm worker."""

from __future__ import annotations

import importlib
import logging
import os
import pkgutil
import signal
import socket
import sys
import threading
from types import ModuleType
from typing import Annotated, NoReturn

import typer

from omnicrm.cli import output
from omnicrm.cli.database import prepare
from omnicrm.core import bundle, config, log, node, postgres
from omnicrm.core import db as database
from omnicrm.core.config import Misconfigured
from omnicrm.core.errors import OmniError, Refused, Unavailable

DRAIN = 9  # seconds that open requests and jobs have to come to an end
WATCH = 5  # seconds between two looks at the embedded database

logger = logging.getLogger(__name__)


def register(app: typer.Typer) -> None:
    app.command("serve")(serve)
    app.command("worker")(worker)


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.", min=1, max=65535)] = 3000,
    workers: Annotated[int, typer.Option(help="Web processes; more than one needs REDIS_URL.", min=1, max=64)] = 1,
    no_jobs: Annotated[bool, typer.Option("--no-jobs", help="Leave the scheduled jobs to `omnicrm worker`.")] = False,
) -> None:
    """Serve the web application, with the scheduled jobs inside unless told otherwise."""
    _check_port(host, port)
    _check_settings(workers)
    prepare()
    folder = _pages()
    shown = "localhost" if host in ("127.0.0.1", "0.0.0.0", "::", "::1") else host  # noqa: S104  # compared, not bound
    output.say(f"OmniCRM is at http://{shown}:{port} (Ctrl-C ends it)")
    os.chdir(config.project_root())  # Reflex looks for rxconfig.py there
    os.environ |= _environment(str(folder), no_jobs)
    _become_server(host, port, workers)


def worker() -> None:
    """Run the scheduled jobs alone. Any number of workers may run; each job runs once."""
    log.setup(config.settings().log_format)
    _check_settings(1)
    prepare()
    runner = _jobs()
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    runner.start()
    output.say("The worker runs (Ctrl-C ends it).")
    while not ended.wait(WATCH):
        try:
            postgres.ensure()
        except OmniError as error:
            logger.warning("%s", error.message)
    runner.stop()


def _jobs() -> ModuleType:
    """The scheduler, with every job known to it. Loaded here only: `serve` itself has no use for them."""
    jobs = importlib.import_module("omnicrm.jobs")
    for module in pkgutil.walk_packages(jobs.__path__, f"{jobs.__name__}."):
        importlib.import_module(module.name)
    return importlib.import_module("omnicrm.jobs.runner")


def _check_port(host: str, port: int) -> None:
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except socket.gaierror:
        raise Refused(f"“{host}” is no address of this machine.") from None
    except PermissionError:
        raise Refused(f"Port {port} needs administrator's rights. Choose another: --port 3000.") from None
    except OSError as error:
        raise Refused(f"Port {port} is in use, or not ours: {error.strerror}. Choose another with --port.") from None


def _check_settings(workers: int) -> None:
    settings = config.settings()
    settings.secret_keys()  # raises where production has none
    if workers > 1 and not settings.redis_url:
        raise Misconfigured("Several web processes share the state of open pages through Redis: set REDIS_URL.")
    if settings.redis_url:
        _check_redis(settings.redis_url)
    if settings.production and not settings.embedded:
        postgres.url("jobs")  # raises where it is missing


def _check_redis(url: str) -> None:
    import redis  # only who sets REDIS_URL waits for it

    try:
        with redis.Redis.from_url(url, socket_connect_timeout=5, socket_timeout=5) as client:
            client.ping()
    except ValueError:
        raise Misconfigured("REDIS_URL is not a Redis address (redis://host:6379/0).") from None
    except redis.RedisError:
        raise Unavailable("Redis does not answer at REDIS_URL. Start it, or correct the address.") from None


def _pages() -> object:
    if config.settings().production and bundle.current() is None and not node.installed():
        raise Misconfigured(
            "The pages are not built. Run `omnicrm bundle` where Node is installed, and bring them here."
        )
    return bundle.ensure(output.say)


def _environment(folder: str, no_jobs: bool) -> dict[str, str]:
    settings = config.settings()
    environment = {
        "REFLEX_WEB_WORKDIR": folder,
        "REFLEX_ENV_MODE": "prod",
        "REFLEX_TELEMETRY_ENABLED": "false",
        "REFLEX_CHECK_LATEST_VERSION": "false",
        "REFLEX_DIR": str(settings.build_dir / "build" / "reflex"),
        "REFLEX_SOCKET_MAX_HTTP_BUFFER_SIZE": "131072",  # larger frames close the socket; files go to a route
        "REFLEX_SOCKET_TIMEOUT": "20",
        "__REFLEX_MOUNT_FRONTEND_COMPILED_APP": "true",
        "__REFLEX_SKIP_COMPILE": "true",
        "OMNICRM_NO_JOBS": "1" if no_jobs else "",
    }
    if settings.redis_url:  # both or neither: a Redis of tokens with states in memory loses pages at every reconnect
        environment |= {"REFLEX_REDIS_URL": settings.redis_url, "REFLEX_STATE_MANAGER_MODE": "redis"}
    else:
        os.environ.pop("REFLEX_REDIS_URL", None)
        environment["REFLEX_STATE_MANAGER_MODE"] = "memory"
    return environment


def _become_server(host: str, port: int, workers: int) -> NoReturn:
    """The process goes on as the server, so that signals reach it, and what was loaded to prepare is given back."""
    database.dispose()
    sys.stdout.flush()
    sys.stderr.flush()
    os.execv(  # noqa: S606  # our own interpreter
        sys.executable,
        [
            *(sys.executable, "-m", "omnicrm.core.server", "omnicrm.omnicrm:server"),
            *(host, str(port), str(workers), str(DRAIN)),
        ],
    )
