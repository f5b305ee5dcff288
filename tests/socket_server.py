"""The server side without the bundle, for tests that talk to its sockets: `python -m tests.socket_server PORT`."""

from __future__ import annotations

import importlib
import os
import pkgutil
import sys
import tempfile
from pathlib import Path
from typing import Any

import uvicorn


def application() -> Any:
    """The application as it is put together, every state included, nothing compiled."""
    os.environ["REFLEX_ENV_MODE"] = "prod"
    os.environ["__REFLEX_SKIP_COMPILE"] = "true"
    os.environ["REFLEX_SOCKET_MAX_HTTP_BUFFER_SIZE"] = "131072"
    os.environ["OMNICRM_NO_JOBS"] = "1"
    from omnicrm import state
    from omnicrm.core import log
    from omnicrm.omnicrm import app
    from omnicrm.routes.handshake import Handshake
    from omnicrm.routes.shield import Shield

    log.setup()
    for module in pkgutil.walk_packages(state.__path__, f"{state.__name__}."):
        importlib.import_module(module.name)
    return Shield(Handshake(app()), Path(tempfile.mkdtemp(prefix="no-pages-")))


if __name__ == "__main__":
    uvicorn.run(application(), host="127.0.0.1", port=int(sys.argv[1]), log_level="warning")
