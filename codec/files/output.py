"""Files written whole or not at all."""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from codec.errors import CodecError


class ExistsError(CodecError):
    """The file to write exists already, and was not to be replaced."""


@contextlib.contextmanager
def output(path: str | os.PathLike[str], force: bool = True) -> Iterator[BinaryIO]:
    """A file to write, which appears under its name only once it is complete.

    A regular or absent target is written beside itself and renamed; a link is followed. A pipe or a device is
    written directly.

    Raises
    ------
    ExistsError
        If the target is a regular file and `force` is false; nothing is touched then.
    """
    target = Path(os.path.realpath(path))
    try:
        mode = os.stat(path).st_mode  # of /dev/stdout, too, whose real path may name nothing
    except FileNotFoundError:
        mode = None
    if mode is not None and stat.S_ISDIR(mode):
        raise IsADirectoryError(21, os.strerror(21), str(path))
    if mode is not None and not stat.S_ISREG(mode):
        with open(path, "wb") as file:
            yield file
        return
    if mode is not None and not force:
        raise ExistsError(f"{path} exists already: --force replaces it, -o names another")
    descriptor, name = tempfile.mkstemp(prefix=f".{target.name[:50]}.", suffix=".part", dir=target.parent)
    try:
        with open(descriptor, "wb") as file:
            yield file
            os.fchmod(file.fileno(), stat.S_IMODE(mode) if mode is not None else 0o666 & ~_umask())
        os.replace(name, target)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name)
        raise


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current
