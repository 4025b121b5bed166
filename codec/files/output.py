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

from codec.errors import CodecError
from codec.files.named import NamedFile, told_as

_NO_HARD_LINKS = (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK)  # what a file system says without them


class ExistsError(CodecError):
    """The file to write exists already, and was not to be replaced."""


@contextlib.contextmanager
def output(path: str | os.PathLike[str], force: bool = True) -> Iterator[BinaryIO]:
    """A file to write, which appears under its name only once it is complete.

    A regular or absent target is written beside itself and renamed; a link is followed. A pipe or a device is
    written directly. Failures tell the path as it was given.

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
        with _kept_if_whole(NamedFile(shown, "w", shown)) as file:
            yield file
        return
    if old is not None and not force:
        raise _exists(shown)
    target = os.path.realpath(shown) if os.path.islink(shown) else shown
    folder, name = os.path.split(target)
    part = os.path.join(folder, f".{name[:50]}.{secrets.token_hex(8)}.part")
    try:  # from before there is a part, so that it goes whenever an interrupt comes
        with _kept_if_whole(_create(part, old, shown)) as file:
            yield file
            if old is not None:
                with told_as(shown):
                    _resemble(file.fileno(), old)
        _put(part, target, shown, force)
    finally:
        with contextlib.suppress(OSError):  # it was renamed; or the first failure tells more
            os.unlink(part)


def _status(path: str) -> os.stat_result | None:
    """What stands at a path, links followed; None for nothing."""
    try:
        return os.stat(path)
    except FileNotFoundError:
        if os.path.basename(path) in ("", ".", ".."):  # a folder that there is not
            raise
        return None


@contextlib.contextmanager
def _kept_if_whole(raw: NamedFile) -> Iterator[BinaryIO]:
    """A file with a buffer, which after a failure is not written any more: no one needs it, and it might block."""
    with io.BufferedWriter(raw) as file:
        try:
            yield file
        except BaseException:
            raw.close()
            raise


def _create(part: str, old: os.stat_result | None, shown: str) -> NamedFile:
    """A new file: of the mode that any new file has, or closed to others as long as it is not the old one's."""
    with told_as(shown):
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666 if old is None else 0o600)
    return NamedFile(descriptor, "w", shown)


def _resemble(descriptor: int, old: os.stat_result) -> None:
    """Give a file the owner, the group and the mode of the one that it replaces, as far as that is permitted."""
    mode = stat.S_IMODE(old.st_mode) & 0o777  # writing to a set-uid program takes that bit away, too
    now = os.fstat(descriptor)
    if now.st_gid != old.st_gid and not _chown(descriptor, -1, old.st_gid):
        mode &= ~0o070  # which was meant for another group
    os.fchmod(descriptor, mode)
    if now.st_uid != old.st_uid:
        _chown(descriptor, old.st_uid, -1)


def _chown(descriptor: int, user: int, group: int) -> bool:
    try:
        os.fchown(descriptor, user, group)
    except PermissionError:
        return False
    return True


def _put(part: str, target: str, shown: str, force: bool) -> None:
    """Give the complete file its name; without force only if nobody else took that meanwhile."""
    with told_as(shown):
        if force or not _linked(part, target, shown):
            os.replace(part, target)


def _linked(part: str, target: str, shown: str) -> bool:
    """Whether the file got its name by a link, which, unlike a renaming, replaces nothing."""
    try:
        os.link(part, target)
    except FileExistsError:
        raise _exists(shown) from None
    except OSError as error:
        if error.errno not in _NO_HARD_LINKS:
            raise
        return False
    return True


def _exists(shown: str) -> ExistsError:
    return ExistsError(f"{shown} exists already: --force replaces it, -o names another")
