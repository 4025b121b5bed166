"""Files are written whole or not at all."""

from __future__ import annotations

import errno
import io
import itertools
import os
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from command_line import ROOT

from codec.errors import CodecError
from codec.files.named import NamedFile
from codec.files.output import ExistsError, output


class Stop(BaseException):
    """What nobody catches, as KeyboardInterrupt."""


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("kept", [None, 0o644, 0o600, 0o755, 0o640])
def test_a_file_changes_under_its_name_only_when_it_is_complete_and_keeps_its_mode(
    tmp_path: Path, kept: int | None
) -> None:
    target = tmp_path / "x.huf"
    if kept is not None:
        target.write_bytes(b"old")
        target.chmod(kept)
    with output(target, force=True) as file:
        file.write(b"whole")
        file.flush()
        assert target.read_bytes() == b"old" if kept else not target.exists()
        (part,) = set(tmp_path.iterdir()) - {target}
        assert kept is None or mode(part) == 0o600, "closed to others until it has its mode"
    assert target.read_bytes() == b"whole" and os.listdir(tmp_path) == ["x.huf"]
    assert kept is None or mode(target) == kept


def test_a_failure_leaves_what_was_there(tmp_path: Path) -> None:
    target = tmp_path / "x.huf"
    for existed, error in itertools.product((False, True), (ValueError, KeyboardInterrupt, Stop, OSError)):
        if existed:
            target.write_bytes(b"old")
        with pytest.raises(error), output(target) as file:
            file.write(b"half")
            raise error
        assert os.listdir(tmp_path) == ["x.huf"] * existed, error
        assert not existed or target.read_bytes() == b"old", error


def test_a_file_that_cannot_be_renamed_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(part: str, target: str) -> None:
        raise PermissionError(13, "no", part, None, target)

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(PermissionError) as caught, output(tmp_path / "x.huf") as file:
        file.write(b"whole")
    assert os.listdir(tmp_path) == []
    assert str(caught.value) == f"[Errno 13] no: '{tmp_path / 'x.huf'}'"  # and nothing of the temporary name


def test_a_failure_to_write_tells_the_name_that_was_given(tmp_path: Path) -> None:
    (tmp_path / "full").symlink_to("/dev/full")
    with pytest.raises(OSError, match=r"No space left on device: '.*/full'"), output(tmp_path / "full") as file:
        file.write(b"new")


def by_hand(target: Path) -> None:
    target.write_bytes(b"first")


def by_another(target: Path) -> None:
    with output(target, force=False) as first:
        first.write(b"first")


@pytest.mark.parametrize("written", [by_hand, by_another])
def test_a_file_that_appears_meanwhile_is_kept_without_force(tmp_path: Path, written: Callable[[Path], None]) -> None:
    target = tmp_path / "x.huf"
    with pytest.raises(ExistsError, match=r"x\.huf exists already"), output(target, force=False) as second:
        second.write(b"second")
        written(target)
    assert target.read_bytes() == b"first" and os.listdir(tmp_path) == ["x.huf"]


def test_a_file_system_without_hard_links_will_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    with output(tmp_path / "x.huf", force=False) as file:
        file.write(b"new")
    assert (tmp_path / "x.huf").read_bytes() == b"new" and os.listdir(tmp_path) == ["x.huf"]


def test_a_path_may_be_relative_in_a_folder_whose_path_is_too_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for _ in range(20):
        os.mkdir("d" * 250)
        os.chdir("d" * 250)
    with output("x.huf") as file:
        file.write(b"new")
    assert os.listdir(".") == ["x.huf"]


def test_an_existing_file_or_a_link_to_it_is_refused_without_force_and_nothing_is_touched(tmp_path: Path) -> None:
    target, link = tmp_path / "x.huf", tmp_path / "link.huf"
    target.write_bytes(b"old")
    link.symlink_to("x.huf")
    before = target.stat()
    for path in (target, link):
        with pytest.raises(ExistsError, match=rf"{path.name} exists already: force=True"), output(path, force=False):
            pytest.fail("it was opened")
    assert issubclass(ExistsError, CodecError)
    assert target.read_bytes() == b"old" and sorted(os.listdir(tmp_path)) == ["link.huf", "x.huf"]
    assert target.stat().st_mtime_ns == before.st_mtime_ns


@pytest.mark.parametrize("umask", [0o022, 0o077, 0o002])
def test_a_new_file_has_the_mode_that_any_new_file_has(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        with output(tmp_path / "x.huf") as file:
            file.write(b"new")
        (tmp_path / "plain").write_bytes(b"")
        assert mode(tmp_path / "x.huf") == mode(tmp_path / "plain") == 0o666 & ~umask
        assert os.umask(umask) == umask, "the umask was left changed"
    finally:
        os.umask(before)


@pytest.mark.parametrize("existed", [False, True])
def test_a_link_is_followed_and_stays_a_link(tmp_path: Path, existed: bool) -> None:
    (tmp_path / "elsewhere").mkdir()
    target, link = tmp_path / "elsewhere" / "real", tmp_path / "link"
    if existed:
        target.write_bytes(b"old")
    link.symlink_to(Path("elsewhere") / "real")
    with output(link, force=existed) as file:
        file.write(b"new")
    assert link.is_symlink() and target.read_bytes() == b"new"
    assert os.listdir(tmp_path / "elsewhere") == ["real"]


def test_a_pipe_is_written_directly(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()), daemon=True)
    reader.start()
    with output(pipe, force=False) as file:
        file.write(b"through")
    reader.join(10)
    assert read == [b"through"]
    assert stat.S_ISFIFO(pipe.stat().st_mode) and os.listdir(tmp_path) == ["pipe"]


def test_a_device_is_written_directly() -> None:
    with output("/dev/null", force=False) as file:
        file.write(b"away")
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)


def test_standard_output_under_its_device_name_gets_the_bytes() -> None:
    program = "from codec.files.output import output\nwith output('/dev/stdout', force=False) as f: f.write(b'out')"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, check=True, env={**os.environ, "PYTHONPATH": str(ROOT)}
    )
    assert done.stdout == b"out"


def test_a_target_that_is_a_folder_or_in_no_folder_is_refused(tmp_path: Path) -> None:
    for target, error in ((tmp_path, IsADirectoryError), (tmp_path / "none" / "x.huf", FileNotFoundError)):
        with pytest.raises(error), output(target):
            pytest.fail("it was opened")
    assert os.listdir(tmp_path) == []


def test_any_name_that_a_file_can_have_can_be_written(tmp_path: Path) -> None:
    for name in ("x" * 255, "\u6e29" * 85, "\U0001f321" * 63, "-", ".x", "a b\n"):
        with output(tmp_path / name) as file:
            file.write(b"new")
        assert os.listdir(tmp_path) == [name]
        (tmp_path / name).unlink()


def test_a_link_that_fails_leaves_no_file_and_tells_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO), "another")

    monkeypatch.setattr(os, "link", fail)
    target = tmp_path / "x.huf"
    with pytest.raises(OSError, match="Input/output error") as caught, output(target, force=False) as file:
        file.write(b"x")
    assert (caught.value.errno, caught.value.filename) == (errno.EIO, str(target))
    assert os.listdir(tmp_path) == []


def test_a_file_that_cannot_be_read_tells_the_name_it_was_given() -> None:
    with io.BufferedReader(NamedFile("/proc/self/mem", "r", "shown")) as file:
        for read in (file.read, file.raw.readall, lambda: file.read(9)):
            with pytest.raises(OSError, match="Input/output error") as caught:
                read()
            assert caught.value.filename == "shown"
