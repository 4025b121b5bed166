"""Files whose failures tell a name: an error of `read` or `write` alone would not say of which file."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator
from typing import Any


@contextlib.contextmanager
def told_as(name: str) -> Iterator[None]:
    """Let failures tell this name, whatever was worked on in its stead."""
    try:
        yield
    except OSError as error:
        raise OSError(error.errno, error.strerror, name) from None


class NamedFile(io.FileIO):
    """An unbuffered file, given by its path or descriptor, which is called `shown`."""

    def __init__(self, file: str | int, mode: str, shown: str) -> None:
        with told_as(shown):
            super().__init__(file, mode)
        self._shown = shown

    def readinto(self, buffer: Any, /) -> Any:
        """As of any file."""
        with told_as(self._shown):
            return super().readinto(buffer)

    def readall(self) -> Any:
        """As of any file."""
        with told_as(self._shown):
            return super().readall()

    def write(self, data: Any, /) -> Any:
        """As of any file."""
        with told_as(self._shown):
            return super().write(data)

    def close(self) -> None:
        """As of any file; some file systems only now tell that they are full."""
        with told_as(self._shown):
            super().close()
