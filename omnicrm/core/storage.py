"""Where the bytes of uploaded files lie: in the data folder, by practitioner, under names of our own."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from omnicrm.core import clock, config, ids
from omnicrm.core.errors import Invalid, NotFound

_PIECE = 1024 * 1024


class TooLarge(Invalid):
    """More than is taken."""

    http_status = 413


@dataclass(frozen=True, slots=True)
class Stored:
    """`key` finds it again; `size` in bytes; `sha256` in hex; `head` are its first bytes."""

    key: str
    size: int
    sha256: str
    head: bytes


def put(user_id: UUID, content: BinaryIO, *, most: int) -> Stored:
    """Keep what can be read from `content`. Raises TooLarge past `most` bytes; then nothing of it stays."""
    key = str(ids.new())
    target = _path(user_id, key)
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    digest, size, head = hashlib.sha256(), 0, b""
    try:
        with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            while piece := content.read(_PIECE):
                size += len(piece)
                if size > most:
                    raise TooLarge(f"The file is larger than {most // 1_000_000} MB.")
                head = head or piece[:4096]
                digest.update(piece)
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        target.unlink(missing_ok=True)
        raise
    return Stored(key, size, digest.hexdigest(), head)


def path(user_id: UUID, key: str) -> Path:
    """Where the bytes are. Raises NotFound for a key that is none of ours, or whose bytes are gone."""
    try:
        found = _path(user_id, str(UUID(key)))
    except ValueError:
        raise NotFound("This file no longer exists.") from None
    if not found.is_file():
        raise NotFound("The file itself is gone. Upload it again.")
    return found


def remove(user_id: UUID, key: str) -> None:
    """Gone already: nothing happens."""
    _path(user_id, str(UUID(key))).unlink(missing_ok=True)


def kept(user_id: UUID) -> Iterator[tuple[str, datetime]]:
    """(key, when it was written) of all that is kept for a practitioner."""
    folder = _folder(user_id)
    for found in folder.iterdir() if folder.is_dir() else ():
        yield found.name, datetime.fromtimestamp(found.stat().st_mtime, tz=clock.now().tzinfo)


def _path(user_id: UUID, key: str) -> Path:
    return _folder(user_id) / key


def _folder(user_id: UUID) -> Path:
    return config.settings().data_dir / "files" / str(UUID(str(user_id)))
