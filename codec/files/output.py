"""Files written whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import io
import os
import secrets
import stat
from collections.abc import Iterator
from typing import BinaryIO

from codec.errors import CodecError, option
from codec.files.named import NamedFile, naming_errors

_NO_HARD_LINKS = (
    errno.EPERM,
    errno.EOPNOTSUPP,
    errno.ENOSYS,
    errno.EMLINK,
)  # where there are no hard links


class ExistsError(CodecError):
    """The file to write exists already, and was not to be replaced."""


@contextlib.contextmanager
def output(path: str | os.PathLike[str], force: bool = True) -> Iterator[BinaryIO]:
    """A file to write, which appears under its name only once it is complete.

    A regular or absent target is written beside itself and renamed; a link is followed. A pipe or a device is
    written directly. Errors name the path as it was given. A file that is replaced keeps its mode.

    Raises
    ------
    ExistsError
        If the target is a regular file and `force` is false; nothing is touched then.
    """
    shown = os.fspath(path)
    old = _status(shown)
    if old is not None and stat.S_ISDIR(old.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), shown)
    if old is not None and not stat.S_ISREG(old.st_mode):
        with _discarding_on_error(NamedFile(shown, "w", shown)) as file:
            yield file
        return
    if old is not None and not force:
        raise _exists(shown)
    target = os.path.realpath(shown) if os.path.islink(shown) else shown
    folder, name = os.path.split(target)
    part = os.path.join(folder, f".{name[:50]}.{secrets.token_hex(8)}.part")
    try:  # an interrupt at any time from here on removes the part
        with naming_errors(shown):
            descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666 if old is None else 0o600)
        with _discarding_on_error(NamedFile(descriptor, "w", shown)) as file:
            yield file
            if old is not None:
                with naming_errors(shown):
                    os.fchmod(file.fileno(), old.st_mode & 0o777)  # no set-uid bit, as after any write
        with naming_errors(shown):
            _put(part, target, shown, force)
    finally:
        with contextlib.suppress(OSError):  # it was renamed; or the first error says more
            os.unlink(part)


def _status(path: str) -> os.stat_result | None:
    """The status of a path, links followed; None if nothing is there."""
    try:
        return os.stat(path)
    except FileNotFoundError:
        if os.path.basename(path) in ("", ".", ".."):  # a folder that does not exist
            raise
        return None


@contextlib.contextmanager
def _discarding_on_error(raw: NamedFile) -> Iterator[BinaryIO]:
    """A buffered file; after an error its buffer is dropped, since writing it to a pipe might block."""
    with io.BufferedWriter(raw) as file:
        try:
            yield file
        except BaseException:
            raw.close()
            raise


def _put(part: str, target: str, shown: str, force: bool) -> None:
    """Give the complete file its name; without `force` only if no file has taken that name meanwhile."""
    if not force:
        try:
            os.link(part, target)  # unlike a renaming, this replaces nothing
            return
        except FileExistsError:
            raise _exists(shown) from None
        except OSError as error:
            if error.errno not in _NO_HARD_LINKS:
                raise
        if os.path.lexists(target):
            raise _exists(shown)
    os.replace(part, target)


def _exists(shown: str) -> ExistsError:
    return ExistsError(f"{shown} exists already: {option('--force replaces it, -o names another')}")
