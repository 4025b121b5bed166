"""The command line as a program: help, exit codes, pipes, signals, full disks."""

import os
import re
import signal
import subprocess
import time
from pathlib import Path

import pytest
from command_line import PROGRAM, ROOT, files, good, misused, program, refused, run, start

import codec
from codec.cli import coding_verbs, table_verbs

VERBS = ["demo", "generate", "table", "encode", "decode", "inspect", "compare"]
FULL = Path("/dev/full")
on_a_full_device = pytest.mark.skipif(not FULL.exists(), reason="this system has no /dev/full")


def test_version_is_the_package_s():
    assert good("--version").text == f"codec {codec.__version__}\n"


def test_every_verb_has_help_and_says_what_it_is_for():
    for verb in VERBS:
        shown = good(verb, "--help").text
        assert shown.startswith(f"usage: codec {verb} ") and len(shown.splitlines()) > 4
        assert re.search(rf"^    {verb} +\S", good("--help").text, re.MULTILINE)


def test_the_program_itself_has_help():
    result = program("--help")
    assert (result.code, result.talk) == (0, "")


WRONG = (
    *(line.split() for line in """
        frobnicate
        encode
        compare nasa
        table nasa --seed 3
        table nasa --max 3
        generate nasa -n many
        generate nasa -n -1
        generate nasa -n 100000000000000000000
        generate nasa --seed -1
        generate nasa --persistence 1
        generate nasa --persistence nan
        generate nasa --persistence 0.5 --drift-to winter
        generate station --persistence 0.5
        table nasa --max-length 0
        table nasa --max-length 2
        table nasa --json -o -
        table x.csv --bytes --column c
        table x.csv --bytes --step 1
        encode x --no-table
        encode x --code nasa --max-length 9
        encode x -c -o y
        decode x.txt
        decode x.huf --max-output -1
        compare nasa winter -n 5 --stream x
        compare nasa winter -n -5
        compare nasa winter --seed -1
        compare - -
    """.strip().splitlines()),
    *(["encode", "x", "--step", step] for step in ("0", "-0.1", "nan", "inf", "a", "", "1e30", "0." + "1" * 30)),
)  # fmt: skip


def test_wrong_usage_exits_with_2_and_touches_nothing(here):
    """No abbreviations either (--max): they would break when an option is added."""
    for name in ("x", "x.csv"):
        Path(name).write_text("c\n1\n")
    for arguments in WRONG:
        assert misused(*arguments)
    assert files(here) == ["x", "x.csv"]


def test_an_engine_that_there_is_not_is_wrong_usage(monkeypatch):
    monkeypatch.setenv("CODEC_ENGINE", "abacus")
    assert "there is no engine 'abacus'; there are reference, lanes" in misused("table", "nasa")


def test_good_data_exits_with_0_and_bad_data_with_1_also_as_a_program(text, tmp_path):
    assert program("encode", text, "-q").code == 0
    result = program("encode", text)
    assert (result.code, result.data) == (1, b"")
    assert result.talk == f"codec encode: {text}.huf exists already: --force replaces it, -o names another\n"
    assert program("decode", text).code == 2


def test_a_missing_file_and_a_directory_are_named(tmp_path):
    name = tmp_path / "x.huf"
    for verb in ("encode", "decode", "inspect", "table"):
        assert f"{name}" in refused(verb, name)
        name.mkdir()
        assert refused(verb, name) == f"codec {verb}: {name}: Is a directory\n"
        name.rmdir()
        assert "''" in refused(verb, "") if verb != "decode" else misused(verb, "")
    assert files(tmp_path) == []


def test_a_name_that_is_neither_file_nor_distribution_lists_the_distributions(text):
    for arguments in ("table nassa", "compare nassa nasa", "compare nasa nassa", "generate nassa",
                      "generate nasa --drift-to nassa", f"encode {text} --code nassa"):  # fmt: skip
        line = refused(*arguments.split())
        assert "'nassa'" in line and "nasa, uniform, peaked, winter" in line


def test_an_output_that_cannot_be_made_is_named_as_the_user_named_it(text, tmp_path):
    for arguments in (["encode", text], ["generate", "nasa"], ["table", "nasa"]):
        out = tmp_path / "absent" / "x"
        assert refused(*arguments, "-o", out) == f"codec {arguments[0]}: {out}: No such file or directory\n"
        assert refused(*arguments, "-o", tmp_path, "-f") == f"codec {arguments[0]}: {tmp_path}: Is a directory\n"
    assert files(tmp_path) == ["levels.txt"]


@on_a_full_device
def test_a_full_device_is_named_with_a_way_out(text):
    good("encode", text)
    for arguments in (["encode", text], ["decode", f"{text}.huf"], ["generate", "nasa"], ["table", "nasa"]):
        way_out = "No space left on device: make room, or write elsewhere with -o"
        assert refused(*arguments, "-o", FULL) == f"codec {arguments[0]}: /dev/full: {way_out}\n"


@pytest.mark.slow
@on_a_full_device
def test_a_full_standard_output_is_one_line_too(text):
    for arguments in ("table nasa", "table nasa --json", "generate nasa", f"encode -c {text}"):
        with FULL.open("wb") as full:
            result = program(*arguments.split(), stdout=full)
        verb = arguments.split()[0]
        assert result.code == 1 and result.talk.count("\n") == 1
        assert result.talk.startswith(f"codec {verb}: standard output: No space left")


def test_too_little_memory_is_one_line(monkeypatch):
    def station(*_):
        raise MemoryError

    monkeypatch.setattr("codec.theory.sources.station", station)
    assert "not enough memory" in refused("generate", "station")


def test_an_unknown_failure_is_not_hidden(monkeypatch):
    def broken(_):
        raise RuntimeError("a bug")

    monkeypatch.setattr(table_verbs, "demo", broken)
    with pytest.raises(RuntimeError, match="a bug"):
        run("demo")


@pytest.mark.slow
def test_a_closed_pipe_is_no_failure_and_makes_no_noise(text):
    for arguments in ("table geometric --all", "generate nasa -n 1000000", "table geometric --json"):
        with start(*arguments.split(), stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            assert process.stdout.readline()
            process.stdout.close()
            talk = process.stderr.read().decode()
            assert process.wait(60) == 0
        assert "Traceback" not in talk and "Broken" not in talk and "Exception" not in talk
    reader, writer = os.pipe()
    os.close(reader)
    for arguments in (["encode", text, "-cq"], ["table", "nasa"], ["generate", "nasa", "-n", "100000"]):
        result = program(*arguments, stdout=writer)
        assert result.code == 0 and "Broken" not in result.talk and "Exception" not in result.talk
    os.close(writer)


@pytest.mark.slow
def test_closed_standard_streams_are_named(text):
    shell = ["/bin/sh", "-c", '"$@" >&-', "sh"]
    for arguments in (["table", "nasa"], ["generate", "nasa"], ["encode", str(text), "-c"]):
        result = _through(shell, arguments)
        assert result.returncode == 1 and b"standard output is closed: name a file with -o" in result.stderr
        assert b"Traceback" not in result.stderr
    assert _through(shell, ["encode", str(text)]).returncode == 0
    result = _through(["/bin/sh", "-c", '"$@" <&-', "sh"], ["encode", "-", "-o", f"{text}.x"])
    assert result.returncode == 1 and b"standard input is closed" in result.stderr


def _through(shell, arguments):
    return subprocess.run(
        [*shell, *PROGRAM, *arguments], env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, timeout=60
    )


def test_a_terminal_without_unicode_and_a_name_without_utf_8_are_shown_all_the_same(tmp_path):
    result = program("table", "nasa", env={"PYTHONIOENCODING": "ascii"})
    assert result.code == 0 and "\\u2212log2 p" in result.text
    odd = os.fsencode(tmp_path) + b"/b\xff.txt"
    Path(os.fsdecode(odd)).write_bytes(b"1\n2\n")
    good("encode", os.fsdecode(odd), "-o", os.fsdecode(odd) + ".huf")
    result = program("inspect", os.fsdecode(odd) + ".huf")
    assert result.code == 0 and "b\\udcff.txt.huf: 2 readings" in result.text


@pytest.mark.slow
@pytest.mark.parametrize("verb", ["encode", "decode"])
def test_an_interrupt_leaves_no_file_and_exits_with_130(verb, tmp_path):
    out = tmp_path / "out"
    coded = good("encode", "-", "--code", "nasa", stdin=b"100\n" * 10).data
    options = ["--code", "nasa"] if verb == "encode" else []
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with start(verb, "-", *options, "-o", out, **pipes) as process:
        process.stdin.write(b"100\n" if verb == "encode" else coded[:-20])  # and more to come, it thinks
        process.stdin.flush()
        _wait_for(lambda: files(tmp_path), process)
        assert files(tmp_path) != ["out"]  # it is being written under another name
        process.send_signal(signal.SIGINT)
        data, talk = process.communicate(timeout=60)
    assert (process.returncode, data, talk) == (130, b"", b"")
    assert files(tmp_path) == []


def _wait_for(condition, process, seconds=30.0):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end and process.poll() is None
        time.sleep(0.01)


def test_an_interrupt_keeps_the_file_that_was_to_be_replaced(tmp_path, text, monkeypatch):
    def interrupted(stream, out, *_, **__):
        out.write(b"half of it")
        raise KeyboardInterrupt

    (tmp_path / "levels.txt.huf").write_bytes(b"precious")
    monkeypatch.setattr(coding_verbs, "write", interrupted)
    assert run("encode", text, "--force").code == 130
    assert (tmp_path / "levels.txt.huf").read_bytes() == b"precious"
    assert files(tmp_path) == ["levels.txt", "levels.txt.huf"]
