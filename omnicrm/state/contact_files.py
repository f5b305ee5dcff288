"""On a client's page: files and the photo."""

from __future__ import annotations

from uuid import UUID

from omnicrm.core.db import Db
from omnicrm.domain import files
from omnicrm.domain.files import FileRow
from omnicrm.state import inputs
from omnicrm.state.base import PageState
from omnicrm.state.contact import ContactState
from omnicrm.state.guard import signed_in


class FilesState(PageState):
    files: list[FileRow] = []

    @signed_in
    def load(self, db: Db):
        self._read(db)

    @signed_in
    def came(self, db: Db):
        """An upload has arrived."""
        self._read(db)
        self.say("The file is kept.")

    @signed_in
    def photographed(self):
        self.say("The photo is kept: the middle of the picture, without its place and camera.")
        return ContactState.reload

    @signed_in
    def refused(self, words: str):
        """What the upload was answered with."""
        self._fault(words[:300])

    @signed_in
    def remove(self, db: Db, file: UUID):
        gone = files.remove(db, file)
        self._read(db)
        self.say(f"“{gone.name}” is removed.", undo=FilesState.bring_back(str(file)))

    @signed_in
    def bring_back(self, db: Db, file: UUID):
        """The toast's Undo."""
        back = files.bring_back(db, file)
        self._read(db)
        self.say(f"“{back.name}” is back.")

    @signed_in
    def remove_photo(self, db: Db):
        before = files.set_photo(db, self._client(), None)
        if before is not None:
            self.say("The photo is removed.", undo=FilesState.put_photo_back(before))
        return ContactState.reload

    @signed_in
    def put_photo_back(self, db: Db, photo: UUID):
        """The toast's Undo."""
        files.set_photo(db, self._client(), str(photo))
        self.say("The photo is back.")
        return ContactState.reload

    def _client(self) -> UUID:
        return inputs.key(str(self.client))

    def _read(self, db: Db) -> None:
        self.files = files.of_contact(db, self._client())
