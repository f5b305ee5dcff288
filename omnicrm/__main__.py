"""`omnicrm`, also `python -m omnicrm`: exit 0 done, 1 refused or failed with one line on stderr, 2 wrong usage."""

from __future__ import annotations

import logging
import os
import sys
from typing import Any

import typer
from typer.exceptions import Abort, Exit, TyperException

from omnicrm import cli
from omnicrm.core import config, log
from omnicrm.core.errors import Invalid, OmniError

logger = logging.getLogger("omnicrm")


def main() -> None:
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Carry out one command line and return its exit code."""
    try:
        log.setup(config.settings().log_format, logging.WARNING)
        command: Any = typer.main.get_command(cli.build(*arguments[:1]))
        if not arguments:
            command.main(["--help"], prog_name="omnicrm", standalone_mode=False)
            return 2
        answer = command.main(arguments, prog_name="omnicrm", standalone_mode=False)
        return answer if isinstance(answer, int) else 0
    except OmniError as error:
        return _refused(_in_words(error))
    except TyperException as error:
        return _wrong_usage(error)
    except Exit as exit_:
        return exit_.exit_code
    except (Abort, KeyboardInterrupt):
        return _refused("Stopped.", 130)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the reader went away: nothing more to say
        return 1
    except Exception as error:
        if os.environ.get("OMNICRM_TRACEBACK"):
            raise
        return _refused(
            f"{type(error).__name__}: {error}. This is a fault of ours; OMNICRM_TRACEBACK=1 shows where it happened."
        )


def _in_words(error: OmniError) -> str:
    if isinstance(error, Invalid) and error.fields:
        return "; ".join(f"{field}: {sentence}" for field, sentence in error.fields.items())
    return error.message


def _refused(sentence: str, code: int = 1) -> int:
    typer.echo(f"omnicrm: {' '.join(sentence.split())}", err=True)
    return code


def _wrong_usage(error: TyperException) -> int:
    message = getattr(error, "format_message", lambda: str(error))()
    typer.echo(f"omnicrm: {message} See `omnicrm --help`.", err=True)
    return 2


if __name__ == "__main__":
    main()
