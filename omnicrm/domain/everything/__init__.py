"""Everything that is held on a practitioner or one client, as an archive to take away."""

from omnicrm.domain.everything.archive import Progress, Report, write
from omnicrm.domain.everything.catalogue import SECRETS, Part, parts
from omnicrm.domain.everything.requests import ExportRow, begin, file_of, finish, forget, listed, step

__all__ = [
    "SECRETS",
    "ExportRow",
    "Part",
    "Progress",
    "Report",
    "begin",
    "file_of",
    "finish",
    "forget",
    "listed",
    "parts",
    "step",
    "write",
]
