"""Faults around the file: a full disk, no permission, signals, changes meanwhile. A file is whole, or as it was."""

import contextlib
import os
import resource
import signal
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from command_line import PROGRAM, ROOT, files, good, refused, run, start

from codec.cli import coding_verbs as verbs
from codec.coding import learn
from codec.readings import text

WRITERS = {
    "encode": ("encode", "s.txt", "-q", "-o"),
    "decode": ("decode", "s.huf", "-o"),
    "table": ("table", "nasa", "-o"),
    "generate": ("generate", "nasa", "-o"),
    "audit": ("audit", "s.txt", "--code", "nasa", "--retrain"),
}
each_writer = pytest.mark.parametrize(  # each through the same output; all of them under slow
    "writer",
    [
        pytest.param(WRITERS[verb], id=verb, marks=[pytest.mark.slow] * (verb not in ("encode", "audit")))
        for verb in WRITERS
    ],
)
NOBODY = 65534
# Permissions bind root as anyone else, once it has given up the capabilities to override and to search.
AS_ANYONE = """
import ctypes, os, sys
for capability in (1, 2):
    ctypes.CDLL(None).prctl(24, capability, 0, 0, 0)
os.execv(sys.argv[1], sys.argv[1:])
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder that commands run in, with a stream and a coded file."""
    monkeypatch.chdir(tmp_path)
    readings = np.random.default_rng(1).integers(20, 28, 20_000) * 5
    Path("s.txt").write_text("".join(f"{reading}\n" for reading in readings))
    good("encode", "s.txt", "-o", "s.huf")
    return tmp_path


def shell(script, *arguments, **options):
    """Run codec through a shell script, in which "$@" stands for it."""
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = ["/bin/sh", "-c", script, "sh", *PROGRAM, *map(os.fspath, arguments)]
    return subprocess.run(command, env=env, capture_output=True, timeout=60, **options)


def as_anyone(*arguments):
    command = [sys.executable, "-c", AS_ANYONE, *PROGRAM, *arguments]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, env=env, capture_output=True, timeout=60)
    return done.returncode, done.stderr.decode()


@contextlib.contextmanager
def no_file_longer_than(size):
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


# No room


@each_writer
def test_a_file_for_which_there_is_no_room_leaves_everything_as_it_was(folder, writer):
    other = "" if writer[0] == "audit" else " with -o"
    for before in (None, b"old"):
        if before:
            Path("out").write_bytes(before)
        there = files(folder)
        with no_file_longer_than(50):
            line = refused(*writer, "out", "-f")
        assert line == f"codec {writer[0]}: out: File too large: write elsewhere{other}\n"
        assert files(folder) == there and (not before or Path("out").read_bytes() == before)
    assert refused(*writer, "/dev/full") == (
        f"codec {writer[0]}: /dev/full: No space left on device: make room, or write elsewhere{other}\n"
    )
    assert stat.S_ISCHR(os.stat("/dev/full").st_mode)


@pytest.mark.dear
@pytest.mark.parametrize("arguments", [("encode", "s.txt", "-cq"), ("decode", "s.huf", "-c"), ("generate", "nasa")])
def test_standard_output_into_a_file_without_room_is_one_line(folder, arguments):
    done = shell('ulimit -f 1; "$@" >out', *arguments)
    assert done.stderr.decode() == (f"codec {arguments[0]}: standard output: File too large: write elsewhere with -o\n")
    assert done.returncode == 1


def test_a_pipe_that_the_temporary_folder_cannot_hold_is_refused_with_the_way_out(folder, monkeypatch):
    monkeypatch.setattr("codec.cli.files._SPOOL_BYTES", 10)
    with no_file_longer_than(50):
        line = refused("encode", "-", "-o", "out", stdin=b"100\n" * 100)
    assert line.startswith("codec encode: -: a pipe is kept in a temporary file until it was counted: File too large: ")
    assert "TMPDIR" in line and files(folder) == ["s.huf", "s.txt"]


# No permission, no such place


@pytest.mark.slow
@each_writer
def test_a_folder_that_is_closed_is_told_by_the_name_of_the_file(folder, writer):
    Path("shut").mkdir()
    Path("shut/out").write_bytes(b"old")
    Path("shut/out").chmod(0o444)
    Path("shut").chmod(0o555)
    for name in ("shut/out", "shut/new"):
        assert as_anyone(*writer, name, "-f") == (1, f"codec {writer[0]}: {name}: Permission denied\n")
    assert files(folder / "shut") == ["out"] and Path("shut/out").read_bytes() == b"old"


@pytest.mark.slow
@pytest.mark.parametrize("arguments", [("encode", "s.txt", "-c"), ("decode", "s.huf", "-c"), ("inspect", "s.huf")])
def test_a_file_that_may_not_be_read_is_named(folder, arguments):
    Path(arguments[1]).chmod(0)
    assert as_anyone(*arguments) == (1, f"codec {arguments[0]}: {arguments[1]}: Permission denied\n")


def test_a_file_that_fails_while_it_is_read_is_named():
    assert refused("encode", "/proc/self/mem", "--bytes", "-c") == "codec encode: /proc/self/mem: Input/output error\n"


@each_writer
def test_what_can_be_no_file_is_refused_as_it_was_named(folder, writer):
    Path("folder").mkdir()
    Path("loop").symlink_to("loop")
    before = files(folder)
    for name, reason in {
        "folder": "Is a directory",
        "folder/": "Is a directory",
        "absent/": "No such file or directory",
        "absent/out": "No such file or directory",
        "s.txt/out": "Not a directory",
        "loop": "Too many levels of symbolic links",
        "x" * 256: "File name too long",
    }.items():
        assert refused(*writer, name, "-f") == f"codec {writer[0]}: {name}: {reason}\n"
        assert files(folder) == before and files(folder / "folder") == []


def test_a_folder_is_no_input(folder):
    Path("d.huf").mkdir()
    for verb in ("encode", "decode"):
        assert refused(verb, "d.huf") == f"codec {verb}: d.huf: Is a directory\n"
    assert files(folder) == ["d.huf", "s.huf", "s.txt"]


# Pipes and devices


@pytest.mark.parametrize(
    "arguments", [("encode", "pipe", "-o", "out"), ("encode", "pipe", "--code", "nasa", "-o", "out"),
                  ("decode", "pipe", "-o", "out")],
)  # fmt: skip
def test_a_named_pipe_is_read_as_a_file_is(folder, arguments):
    source = "s.huf" if arguments[0] == "decode" else "s.txt"
    if "--code" in arguments:
        Path(source).write_bytes(b"100\n105\n" * 1000)
    good(*(source if argument == "pipe" else argument for argument in arguments))
    expected = Path("out").read_bytes()
    os.mkfifo("pipe")
    feeder = threading.Thread(target=Path("pipe").write_bytes, args=(Path(source).read_bytes(),), daemon=True)
    feeder.start()
    good(*arguments, "-f")
    feeder.join(10)
    assert Path("out").read_bytes() == expected


@each_writer
def test_pipes_and_devices_get_the_bytes_and_stay_what_they_are(folder, writer):
    good(*writer, "out")
    os.mkfifo("pipe")
    read = []
    reader = threading.Thread(target=lambda: read.append(Path("pipe").read_bytes()), daemon=True)
    reader.start()
    good(*writer, "pipe")
    reader.join(10)
    assert read == [Path("out").read_bytes()]
    assert stat.S_ISFIFO(os.stat("pipe").st_mode) and files(folder) == ["out", "pipe", "s.huf", "s.txt"]
    before = os.stat("/dev/null")
    good(*writer, "/dev/null")
    good(*writer, "/dev/null", "-f")
    after = os.stat("/dev/null")
    assert (after.st_mode, after.st_ino, after.st_rdev) == (before.st_mode, before.st_ino, before.st_rdev)


@pytest.mark.slow
def test_standard_output_under_its_device_name_is_appended_to_as_the_shell_opened_it(folder):
    Path("log").write_bytes(b"before\n")
    assert shell('"$@" >>log', "decode", "s.huf", "-o", "/dev/stdout").returncode == 0
    assert Path("log").read_bytes() == b"before\n" + Path("s.txt").read_bytes()


# The input is never overwritten


@pytest.mark.parametrize("writer", [WRITERS[verb] for verb in ("encode", "decode", "audit")], ids=lambda w: w[0])
def test_an_output_that_is_the_input_is_refused(folder, writer):
    source = writer[1]
    Path("link").symlink_to(source)
    os.link(source, "hard link")
    before = Path(source).read_bytes()
    for name in (source, f"./{source}", "link", "hard link"):
        for force in ([], ["-f"]):
            assert refused(*writer, name, *force).startswith(f"codec {writer[0]}: {name} is the input too")
    assert Path(source).read_bytes() == before


@pytest.mark.dear
@pytest.mark.parametrize(
    ("script", "name", "options", "said"),
    [
        ('"$@" <s.txt', "-", ("-o", "s.txt", "-f"), "s.txt"),
        ('"$@" <s.txt', "/dev/stdin", ("-o", "s.txt", "-f"), "s.txt"),
        ('"$@" <s.txt', "s.txt", ("-o", "/dev/stdin", "-f"), "/dev/stdin"),
        ('"$@" >>s.txt', "s.txt", ("-c",), "standard output"),  # not into its own end either
    ],
    ids=["-", "stdin", "onto stdin", "into its end"],
)
def test_what_the_shell_opened_is_not_overwritten_either(folder, script, name, options, said):
    before = Path("s.txt").read_bytes()
    done = shell(script, "encode", name, *options)
    assert done.returncode == 1 and f"{said} is the input too".encode() in done.stderr
    assert Path("s.txt").read_bytes() == before


# Links, and files that exist


@each_writer
def test_a_link_stays_and_what_it_points_to_is_written(folder, writer):
    Path("elsewhere").mkdir()
    Path("link").symlink_to("elsewhere/real")
    good(*writer, "link")
    good(*writer, "plain")
    assert Path("elsewhere/real").read_bytes() == Path("plain").read_bytes()
    Path("elsewhere/real").write_bytes(b"old")
    assert refused(*writer, "link").startswith(f"codec {writer[0]}: link exists already: --force replaces it")
    assert refused(*writer, "plain").startswith(f"codec {writer[0]}: plain exists already: --force replaces it")
    assert Path("elsewhere/real").read_bytes() == b"old"
    assert files(folder) == ["elsewhere", "link", "plain", "s.huf", "s.txt"]
    good(*writer, "link", "-f")
    assert os.readlink("link") == "elsewhere/real" and files(folder / "elsewhere") == ["real"]
    assert Path("elsewhere/real").read_bytes() == Path("plain").read_bytes()


@each_writer
def test_modes_are_those_that_any_program_would_give(folder, writer):
    umask = os.umask(0o027)
    try:
        good(*writer, "new")
        for mode in (0o600, 0o444, 0o777, 0o4755):
            Path("old").touch()
            Path("old").chmod(mode)
            good(*writer, "old", "-f")
            assert stat.S_IMODE(os.stat("old").st_mode) == mode & 0o777  # but no set-uid bit
            Path("old").unlink()
    finally:
        os.umask(umask)
    assert stat.S_IMODE(os.stat("new").st_mode) == 0o640


# A file that changes


def grown(path):
    with path.open("ab") as file:
        file.write(b"999\n")


def shrunk(path):
    os.truncate(path, 8)


def rewritten(path):
    path.write_bytes(path.read_bytes()[::-1])
    os.utime(path, (0, 0))


changes = pytest.mark.parametrize("change", [grown, shrunk, rewritten])


@changes
def test_a_file_that_changes_between_counting_and_coding_is_refused(folder, change, monkeypatch):
    counted = learn.tally_stream

    def count(stream, *how):
        found = counted(stream, *how)
        change(Path("s.txt"))
        return found

    monkeypatch.setattr(learn, "tally_stream", count)
    assert refused("encode", "s.txt") == (
        "codec encode: s.txt was changed while it was read: try again once nothing writes to it, or take a copy of it\n"
    )
    assert files(folder) == ["s.huf", "s.txt"]


@changes
@pytest.mark.parametrize(
    "arguments", [("encode", "s.txt"), ("encode", "s.txt", "--code", "nasa", "-f"), ("encode", "s.txt", "--bytes"),
                  ("table", "s.txt", "-o", "out"), WRITERS["audit"] + ("out",)],
)  # fmt: skip
def test_a_file_that_changes_while_it_is_gone_through_is_refused(folder, arguments, change, monkeypatch):
    from_start, pieces = text.from_start, []

    def read(file):
        for piece in from_start(file):
            pieces.append(piece)
            if len(pieces) == 2:
                change(Path("s.txt"))
            yield piece

    monkeypatch.setattr("codec.readings.stream.PIECE_BYTES", 30_000)
    monkeypatch.setattr("codec.readings.text.from_start", read)
    monkeypatch.setattr("codec.readings.front.from_start", read)
    line = refused(*arguments)
    assert "s.txt was changed while it was read" in line, line
    assert files(folder) == ["s.huf", "s.txt"]


def test_a_coded_file_that_shrinks_while_it_is_read_leaves_nothing(folder, monkeypatch):
    Path("noise").write_bytes(np.random.default_rng(1).bytes(100_000))
    good("encode", "noise", "--bytes")
    restored = verbs.restored_bytes

    def shrinking(*arguments):
        os.truncate("noise.huf", 50_000)
        return restored(*arguments)

    monkeypatch.setattr(verbs, "restored_bytes", shrinking)
    assert "noise.huf: the file ends within block 0" in refused("decode", "noise.huf", "-o", "out")
    assert files(folder) == ["noise", "noise.huf", "s.huf", "s.txt"]


# Names and closed streams


def test_a_name_that_is_not_utf_8_is_a_name_like_any_other(folder):
    os.rename(b"s.txt", b"\xff.txt")
    name = os.fsdecode(b"\xff.txt")
    done = good("encode", name)
    assert done.talk.startswith("\\udcff.txt: 20,000 readings")
    assert "codec encode: \\udcff.txt.huf exists already" in refused("encode", name)
    before = Path(name).read_bytes()
    good("decode", name + ".huf", "-f")
    assert Path(name).read_bytes() == before
    assert sorted(os.listdir(b".")) == [b"s.huf", b"\xff.txt", b"\xff.txt.huf"]


def test_a_name_with_a_line_break_is_told_in_one_line(folder):
    assert refused("encode", "a\nb\x1b[1m") == "codec encode: a\\nb\\x1b[1m: No such file or directory\n"


@pytest.mark.slow
@each_writer
def test_a_closed_standard_output_does_not_matter_to_a_file(folder, writer):
    done = shell('"$@" >&-', *writer, "out")
    if writer[0] in ("table", "audit"):  # they have something to show besides, once the file is written
        assert b"standard output is closed" in done.stderr
    else:
        assert done.returncode == 0
    good(*writer, "other")
    assert Path("out").read_bytes() == Path("other").read_bytes()


@pytest.mark.slow
def test_what_would_go_to_a_closed_standard_error_goes_nowhere_else(folder):
    coded = good("encode", "s.txt", "-cq").data
    done = shell('"$@" 2>&-', "encode", "s.txt", "-c")
    assert (done.returncode, done.stdout) == (0, coded)
    done = shell('"$@" 2>&-', "encode", "absent", "-c")
    assert (done.returncode, done.stdout) == (1, b"")


@pytest.mark.slow
@pytest.mark.parametrize("closed", ["", ">&-"])
def test_a_reader_that_leaves_is_no_failure_and_makes_no_noise(folder, closed):
    os.mkfifo("pipe")
    script = f'head -c 1 pipe >first & "$@" {closed}; code=$?; wait; exit $code'
    done = shell(script, "generate", "nasa", "-n", "300000", "-o", "pipe")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert len(Path("first").read_bytes()) == 1


@pytest.mark.slow
def test_a_decoder_whose_first_line_was_enough_makes_no_noise(folder):
    Path("long").write_bytes(Path("s.txt").read_bytes() * 20)  # more than a pipe holds
    good("encode", "long")
    done = shell('"$@" | head -1', "decode", "long.huf", "-c")
    assert (done.stdout, done.stderr) == (Path("s.txt").read_bytes()[:4], b"")


# Signals


@contextlib.contextmanager
def held(verb, target, stream=b"100\n" * 5000, **options):
    """Codec in the middle of its work: the file is begun, and more of the input is still to come."""
    coded = good("encode", "-", "--code", "nasa", "-c", stdin=stream).data
    arguments = ["encode", "-", "--code", "nasa", "-q"] if verb == "encode" else ["decode", "-"]
    before, given = set(files(target.parent)), stream if verb == "encode" else coded
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with start(*arguments, "-o", target, "-f", **pipes, **options) as process:
        process.stdin.write(given[:-20])
        process.stdin.flush()
        wait_for(lambda: set(files(target.parent)) - before, process)
        yield process, given[-20:]


def wait_for(condition, process):
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end and process.poll() is None
        time.sleep(0.01)


@pytest.mark.dear
@pytest.mark.parametrize("verb", ["encode", "decode"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda n: n.name)
def test_a_signal_to_end_leaves_the_old_file_and_no_other(tmp_path, verb, number):
    target = tmp_path / "out"
    target.write_bytes(b"old")
    with held(verb, target) as (process, _):
        assert len(files(tmp_path)) == 2 and target.read_bytes() == b"old"
        process.send_signal(number)
        data, talk = process.communicate(timeout=30)
    assert (process.returncode, data, talk) == (128 + number, b"", b"")
    assert files(tmp_path) == ["out"] and target.read_bytes() == b"old"


def test_a_hang_up_that_is_to_be_ignored_is(tmp_path):
    def as_under_nohup():
        signal.signal(signal.SIGHUP, signal.SIG_IGN)

    with held("encode", tmp_path / "out", preexec_fn=as_under_nohup) as (process, rest):
        process.send_signal(signal.SIGHUP)
        _, talk = process.communicate(rest, timeout=30)
    assert (process.returncode, talk) == (0, b"")
    assert good("decode", tmp_path / "out", "-c").data == b"100\n" * 5000


@pytest.mark.slow
@pytest.mark.parametrize("target", ["pipe", "-"])
def test_a_signal_ends_a_writer_whose_reader_has_stopped_reading(folder, target):
    os.mkfifo("pipe")
    with (
        start("generate", "nasa", "-n", "300000", "-o", target, stdout=subprocess.PIPE) as process,
        process.stdout if target == "-" else open("pipe", "rb", buffering=0) as reader,
    ):
        assert os.read(reader.fileno(), 1)  # it has begun, and a pipe holds far less than all of it
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 143


def test_a_killed_writer_leaves_the_old_file_and_a_later_one_is_not_disturbed(tmp_path):
    target = tmp_path / "out"
    target.write_bytes(b"old")
    with held("encode", target) as (process, _):
        process.kill()
        process.communicate(timeout=30)
    assert target.read_bytes() == b"old"
    (stray,) = set(files(tmp_path)) - {"out"}
    assert stray.startswith(".out.") and stray.endswith(".part")
    good("encode", "-", "--code", "nasa", "-o", target, "-f", stdin=b"100\n105\n")
    assert good("decode", target, "-c").data == b"100\n105\n"
    assert files(tmp_path) == [stray, "out"]


@pytest.mark.slow
def test_of_two_writers_at_once_one_wins_and_its_file_is_whole(tmp_path):
    target, streams_ = tmp_path / "out", (b"100\n" * 5000, b"105\n" * 5000)
    with held("encode", target, streams_[0]) as (first, rest), held("encode", target, streams_[1]) as (second, more):
        second.communicate(more, timeout=30)
        assert good("decode", target, "-c").data == streams_[1]
        first.communicate(rest, timeout=30)
    assert (first.returncode, second.returncode) == (0, 0)
    assert good("decode", target, "-c").data == streams_[0] and files(tmp_path) == ["out"]


def test_a_file_that_appears_meanwhile_is_kept_without_force(folder, monkeypatch):
    write = verbs.write

    def slow(*arguments, **options):
        written = write(*arguments, **options)
        Path("out").write_bytes(b"another's")
        return written

    monkeypatch.setattr(verbs, "write", slow)
    assert refused("encode", "s.txt", "-o", "out").startswith("codec encode: out exists already")
    assert Path("out").read_bytes() == b"another's" and files(folder) == ["out", "s.huf", "s.txt"]


def test_signals_are_handled_as_before_once_a_command_has_run(folder):
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = [signal.getsignal(number) for number in numbers]
    good("table", "nasa")
    assert [signal.getsignal(number) for number in numbers] == before


def test_a_command_runs_in_a_thread_too(folder):
    results = []
    thread = threading.Thread(target=lambda: results.append(run("encode", "s.txt", "-o", "out", "-q").code))
    thread.start()
    thread.join()
    assert results == [0]
