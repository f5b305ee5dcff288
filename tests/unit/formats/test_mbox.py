from __future__ import annotations

import io

import pytest

from omnicrm.formats import Refusal, Unreadable, mbox

MARK = b"From 1790@xxx Thu Jan 01 00:00:00 +0000 2026\n"


def _read(data: bytes) -> list[bytes | Refusal]:
    return list(mbox.messages(io.BytesIO(data)))


def test_messages_come_as_they_were_before():
    message = b"From: jo@park.example\nSubject: one\n\nHello\n\nbye\n"
    assert _read((MARK + message + b"\n") * 3) == [message] * 3


def test_escaped_lines_lose_one_mark():
    assert _read(MARK + b"A: b\n\n>From me\n>>From you\n> From far\n") == [b"A: b\n\nFrom me\n>From you\n> From far\n"]


def test_prose_that_begins_with_from_divides_nothing():
    body = b"A: b\n\nHello\n\nFrom Monday at 10:30 on we are back\n\nFrom here to there\n"
    assert _read(MARK + body) == [body]


def test_line_ends_of_windows():
    message = b"A: b\r\n\r\nHello\r\n"
    assert _read((MARK.replace(b"\n", b"\r\n") + message + b"\r\n") * 2) == [message] * 2


def test_a_message_cut_at_the_end_comes_as_far_as_it_goes():
    assert _read(MARK + b"A: b\n\nHel") == [b"A: b\n\nHel"]


def test_a_message_that_is_too_large_is_refused_and_the_next_one_read(monkeypatch):
    monkeypatch.setattr(mbox, "MAX_RAW", 3 * 1024 * 1024)
    large = MARK + b"A: b\n\n" + b"x" * 7 * 1024 * 1024 + b"\n\n"
    first, second = _read(large + MARK + b"A: c\n\nsmall\n")
    assert isinstance(first, Refusal)
    assert first.name == "mbox, message 1"
    assert second == b"A: c\n\nsmall\n"


def test_a_separator_is_found_wherever_reading_stops(monkeypatch):
    monkeypatch.setattr(mbox, "_CHUNK", 1500)  # so that separators straddle the pieces
    message = b"From: jo@park.example\n\n" + b"word " * 40 + b"\n"
    for size in range(0, 400, 7):
        messages = _read((MARK + message + b"y" * size + b"\n\n") * 9)
        assert len(messages) == 9
        assert len(set(messages)) == 1


def test_memory_stays_bounded():
    class Endless(io.RawIOBase):
        """300 MB of mail that never existed as a whole."""

        left = 300
        held = 0

        def read(self, size: int = -1) -> bytes:
            if not self.left:
                return b""
            self.left -= 1
            return ((MARK + b"A: b\n\n" + b"z" * 4000 + b"\n\n") * (size // 4000 + 1))[:size]

    count = sum(1 for message in mbox.messages(Endless()) if len(message) < 10_000)
    assert count > 300 * 250


@pytest.mark.parametrize("data", [b"Dear diary", b"BEGIN:VCALENDAR\n", b"\x00\x01"])
def test_what_is_no_mbox_is_refused_whole(data):
    with pytest.raises(Unreadable, match="not an mbox"):
        _read(data)


def test_an_empty_mbox_has_no_messages():
    assert _read(b"") == []


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(Unreadable, match="gone"):
        list(mbox.messages(tmp_path / "gone.mbox"))
