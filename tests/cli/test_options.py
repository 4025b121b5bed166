"""What the options of the command line promise: layouts of CSV files, names of outputs, warnings, one value each."""

import gzip
from pathlib import Path

import numpy as np
import pytest
from command_line import files, good, misused, program, refused

ROWS = b"S1,20240101,TMAX,201\nS1,20240102,TMAX,205\nS1,20240103,TMAX,205\n"
NO_HEADER = ("--no-header", "--column", "4")
FULL = Path("/dev/full")


@pytest.fixture
def rows(tmp_path):
    path = tmp_path / "ghcn.csv"
    path.write_bytes(ROWS)
    return path


def test_every_verb_that_reads_streams_reads_all_rows_without_a_header(rows):
    table = rows.with_name("t.json")
    good("table", rows, *NO_HEADER, "-o", table)
    for arguments in (["table", rows], ["compare", rows, rows], ["audit", rows, "--code", table]):
        assert good(*arguments, *NO_HEADER)
    assert good("decode", "-", stdin=good("encode", rows, *NO_HEADER, "-c").data).data == b"201\n205\n205\n"


def test_lines_above_the_header_are_left_out(tmp_path):
    path = tmp_path / "x.csv"
    path.write_bytes(b"sep=;\n# a\n#b\nt;c\n1;2\n2;3\n")
    coded = good("encode", path, "--column", "c", "--skip", 1, "--comment", "#", "-c").data
    assert good("decode", "-", stdin=coded).data == b"2\n3\n"


def test_a_layout_has_a_column_and_skips_a_number_of_lines(rows):
    for option in (["--no-header"], ["--skip", "1"], ["--comment", "#"]):
        assert "name it with --column" in misused("encode", rows, *option)
    for value in ("-1", "a", ""):
        assert "a number of lines" in misused("encode", rows, "--column", "4", "--skip", value)


def test_a_header_that_looks_like_a_row_is_warned_of_unless_quiet(rows):
    assert "--no-header" in good("encode", rows, "--column", "TMAX").talk
    assert good("encode", rows, "--column", "TMAX", "-q", "-f").talk == ""
    assert "--no-header" in good("table", rows, "--column", "TMAX").talk


# Names


def test_the_usual_name_carries_the_column_and_makes_no_folder(here):
    for name in ("weather.csv", "weather.csv.gz", "weather.txt"):
        data = b"day,temp_min\n1,2.5\n2,3.5\n"
        Path(name).write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
        good("encode", name, "--column", "temp_min")
        assert files(here) == sorted([name, "weather.temp_min.txt.huf"])
        good("decode", "weather.temp_min.txt.huf")
        assert Path("weather.temp_min.txt").read_bytes() == b"2.5\n3.5\n"
        for written in files(here):
            Path(written).unlink()
    Path("x.csv").write_bytes(b"t,m/s\n1,2\n")
    good("encode", "x.csv", "--column", "m/s")
    assert files(here) == ["x.csv", "x.m_s.txt.huf"]


def test_decoding_never_proposes_to_overwrite_what_it_would_not_restore(tmp_path):
    (tmp_path / "w.csv").write_bytes(b"day,t\n1,2.5\n")
    (tmp_path / "s.txt").write_bytes(b"17\n23\n")
    (tmp_path / "z.gz").write_bytes(gzip.compress(b"1\n2\n"))
    good("encode", tmp_path / "w.csv", "--column", "t", "-o", tmp_path / "w.csv.huf")
    good("encode", tmp_path / "s.txt", "--step", "10")
    good("encode", tmp_path / "z.gz", "-o", tmp_path / "z.gz.huf")
    for name in ("w.csv.huf", "s.txt.huf", "z.gz.huf"):
        for option in ((), ("--salvage",)):
            line = refused("decode", tmp_path / name, *option)
            assert "exists already" in line and "--force" not in line and "-o" in line
    good("decode", tmp_path / "w.csv.huf", "--force")


# One value each, and the right kind of file


def test_an_option_with_a_value_is_given_once():
    for arguments in (
        ("table", "x", "--column", "a", "--column", "b"), ("encode", "x", "--code", "nasa", "--code", "winter"),
        ("encode", "x", "--step", "1", "--step", "1"), ("encode", "x", "-o", "y", "-o", "z"),
        ("table", "nasa", "--escape", "--escape", "2"), ("generate", "nasa", "--seed", "1", "--seed", "2"),
        ("encode", "x", "--construction", "fano", "--construction", "huffman"),
    ):  # fmt: skip
        assert "given twice" in misused(*arguments)


@pytest.mark.parametrize("verb", ["encode", "audit", "decode", "inspect"])
def test_a_coded_file_given_as_a_table_is_called_so(rows, verb):
    good("encode", rows, *NO_HEADER, "-o", rows.with_name("x.huf"))
    source = rows if verb in ("encode", "audit") else rows.with_name("x.huf")
    line = refused(verb, source, "--code", rows.with_name("x.huf"), *(["-o", "y"] if verb == "decode" else []))
    assert "is a coded file, and a table is wanted" in line and "codec table" in line


def test_an_array_given_as_a_table_is_called_a_stream(rows):
    np.save(rows.with_name("a.npy"), np.arange(3))
    assert "is a stream of readings" in refused("encode", rows, *NO_HEADER, "--code", rows.with_name("a.npy"))


def test_compare_reads_the_column_of_the_csv_and_all_of_the_array(rows):
    np.save(rows.with_name("x.npy"), np.array([201, 205, 205, 201]))
    shown = good("compare", rows, rows.with_name("x.npy"), *NO_HEADER, "--json").json()
    assert shown["count"] == 3
    good("compare", rows.with_name("x.npy"), rows, *NO_HEADER)
    assert "leave out --column" in refused("encode", rows.with_name("x.npy"), "--column", "4")


# Smoothing


def test_smoothing_that_covers_no_range_is_warned_of(tmp_path):
    (tmp_path / "w.txt").write_bytes(b"sun\nrain\n")
    assert "covers no range" in good("table", tmp_path / "w.txt", "--smooth", 1).talk
    (tmp_path / "n.txt").write_bytes(b"1\n-\n3\n")
    assert "covers no range" not in good("table", tmp_path / "n.txt", "--smooth", 1).talk


def test_smoothing_that_covers_mostly_holes_is_warned_of_in_the_user_s_numbers(tmp_path):
    (tmp_path / "n.txt").write_bytes(b"20.5\n21.0\n-99.0\n")
    assert "mostly holes: from -99.0 to 21.0" in good("table", tmp_path / "n.txt", "--smooth", 1).talk


# Terminals and streams


def test_a_name_with_control_bytes_is_escaped_in_success_lines_too(tmp_path):
    path = tmp_path / "a\x1b[31m\nb.txt"
    path.write_bytes(b"1\n2\n2\n")
    coded = f"{path}.huf"
    for arguments in (
        ("encode", path), ("decode", "-t", coded), ("inspect", coded), ("compare", path, path), ("table", path),
        ("decode", "--salvage", coded, "-c"), ("encode", path, "-f", "--step", "1"), ("audit", path, "--code", "nasa"),
    ):  # fmt: skip
        result = good(*arguments)
        assert "\x1b" not in result.talk + result.text and "\nb.txt" not in result.talk + result.text


@pytest.mark.slow
@pytest.mark.skipif(not FULL.exists(), reason="this system has no /dev/full")
def test_a_full_standard_error_is_no_failure_of_the_file(tmp_path):
    (tmp_path / "s.txt").write_bytes(b"1\n2\n" * 50)
    for arguments in (["encode", "s.txt"], ["decode", "-t", "s.txt.huf"], ["encode", "s.txt", "--best", "-f"]):
        with FULL.open("wb") as full:
            assert program(*arguments, stderr=full, cwd=tmp_path).code == 0
    with FULL.open("wb") as full:
        assert program("encode", "absent", stderr=full, cwd=tmp_path).code == 1


@pytest.mark.slow
@pytest.mark.parametrize("module", ["numpy", "codec.cli.table_verbs", "codec.coding.steps", "rich"])
def test_an_interrupt_while_starting_makes_no_traceback(tmp_path, module):
    """The interrupt comes as this module is imported."""
    (tmp_path / "sitecustomize.py").write_text(
        "import os, signal, sys\n"
        "class Interrupt:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        f"        if name == {module!r}:\n"
        "            sys.meta_path.remove(self)\n"
        "            os.kill(os.getpid(), signal.SIGINT)\n"
        "sys.meta_path.insert(0, Interrupt())\n"
    )
    result = program("table", "nasa", env={"PYTHONPATH": f"{tmp_path}:{Path(__file__).parents[2]}"})
    assert (result.code, result.talk) == (130, "")
