"""The web server's own process, which `omnicrm serve` becomes: granian, with a stop that cannot hang.

`python -m omnicrm.core.server TARGET HOST PORT WORKERS DRAIN`: TARGET is `module:factory` of an ASGI application, DRAIN
the seconds that open requests have to come to an end. Only what granian needs is imported here; the application is
loaded by the worker processes.
"""

from __future__ import annotations

import importlib
import signal
import sys
from asyncio import AbstractEventLoop
from functools import partial
from queue import SimpleQueue
from typing import Any

from granian import _signals
from granian._granian import WorkerSignal
from granian.constants import HTTPModes, Interfaces
from granian.errors import FatalError
from granian.log import LogLevels
from granian.server import Server

ENDING = (signal.SIGTERM, signal.SIGINT)


class Interrupt:
    """What wakes the main loop, in place of granian's `threading.Event`.

    A signal's handler sets it. An Event takes a lock for that, which the very thread that the signal interrupts may
    hold: where two signals come at once (a whole process group is ended, and `make` hands its own on), the process
    waited for itself for ever. `SimpleQueue.put` is made for being called from signal handlers.
    """

    def __init__(self) -> None:
        self._set = False
        self._wake: SimpleQueue[None] = SimpleQueue()

    def set(self) -> None:
        self._set = True
        self._wake.put(None)

    def clear(self) -> None:
        self._set = False

    def is_set(self) -> bool:
        return self._set

    def wait(self) -> bool:
        while not self._set:
            self._wake.get()
        return True


def run(target: str, host: str, port: int, workers: int, drain: int) -> None:
    """Serve until a signal ends it. Raises SystemExit with 1 where a worker failed."""
    server = Server(
        target,
        address=host,
        port=port,
        interface=Interfaces.ASGI,
        workers=workers,
        http=HTTPModes.http1,
        websockets=True,
        log_level=LogLevels.warning,
        log_access=False,
        respawn_failed_workers=True,
        workers_kill_timeout=drain,
    )
    server.main_loop_interrupt = Interrupt()  # type: ignore[assignment]  # it asks for no more than that
    try:
        server.serve(target_loader=partial(load, target), wrap_loader=False)
    except FatalError:
        sys.exit(1)


def load(target: str) -> Any:
    """The application, in a worker. Until it listens to signals itself, one that ends it ends it at once: the handlers
    that a forked worker has from the main process would only swallow it."""
    for number in ENDING:
        signal.signal(number, signal.SIG_DFL)
    _signals.set_loop_signals = listen_once  # asked for by the worker, after this
    module, _, factory = target.partition(":")
    return getattr(importlib.import_module(module), factory)()


def listen_once(loop: AbstractEventLoop) -> WorkerSignal:
    """granian's `set_loop_signals`, but for a second signal, which is nothing new: told twice, WorkerSignal waits for
    a lock with the interpreter's own lock in hand, and the worker has to be killed with its work undone."""
    ends = WorkerSignal()
    told: list[int] = []

    def tell(number: int) -> None:
        told.append(number)
        if len(told) == 1:
            ends.set()

    for number in ENDING:
        loop.add_signal_handler(number, tell, number)
    return ends


def main(arguments: list[str]) -> None:
    target, host, port, workers, drain = arguments
    run(target, host, int(port), int(workers), int(drain))


if __name__ == "__main__":
    main(sys.argv[1:])
