"""Files whose errors name them: an error of `read` or `write` alone would not say of which file."""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Iterator
from typing import Any

from codec.errors import CodecError
from codec.files.section import BytesSource


@contextlib.contextmanager
def naming_errors(name: str) -> Iterator[None]:
    """Let an OSError name this file, and not the temporary one that is worked on."""
    try:
        yield
    except OSError as error:
        raise OSError(error.errno, error.strerror, name) from None


class NamedFile(io.FileIO):
    """An unbuffered file, given by its path or descriptor, whose errors name `shown`."""

    def __init__(self, file: str | int, mode: str, shown: str) -> None:
        with naming_errors(shown):
            super().__init__(file, mode)
        self._shown = shown

    def readinto(self, buffer: Any, /) -> Any:
        """Read into a buffer, as `io.FileIO` does."""
        with naming_errors(self._shown):
            return super().readinto(buffer)

    def readall(self) -> Any:
        """Read all that is left."""
        with naming_errors(self._shown):
            return super().readall()

    def write(self, data: Any, /) -> Any:
        """Write as much as the system takes at once."""
        with naming_errors(self._shown):
            return super().write(data)

    def close(self) -> None:
        """Close; some file systems report only now that they are full."""
        with naming_errors(self._shown):
            super().close()


@contextlib.contextmanager
def data_of(source: bytes | str | os.PathLike[str]) -> Iterator[BytesSource | io.BufferedReader[Any]]:
    """The file at a path, which errors of its data name too; bytes stand for themselves."""
    if not isinstance(source, (str, os.PathLike)):
        yield BytesSource(source)
        return
    shown = str(os.fsdecode(source))
    with io.BufferedReader(NamedFile(shown, "r", shown)) as file:
        try:
            yield file
        except CodecError as error:
            raise type(error)(f"{shown}: {error}") from None
