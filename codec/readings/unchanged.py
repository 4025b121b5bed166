"""A stream whose file stays the same while it is read, once to count it and once more to code it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from typing import BinaryIO

from codec.errors import StreamError
from codec.readings.origin import Closing
from codec.readings.stream import Stream
from codec.theory.labels import Labels


def refusing_changes(stream: Stream, file: BinaryIO, before: os.stat_result) -> Stream:
    """The same stream; StreamError at the end of a pass if its file was written to since it was as `before`."""

    def pieces() -> Iterator[Labels | Closing]:
        for piece in stream.pieces():
            if isinstance(piece, Closing):
                now = os.fstat(file.fileno())
                if (now.st_size, now.st_mtime_ns) != (before.st_size, before.st_mtime_ns):
                    raise StreamError(
                        f"{stream.name} was changed while it was read: try again once nothing writes to it, "
                        "or take a copy of it"
                    )
            yield piece

    return replace(stream, pieces=pieces)
