"""`encode --best`: the smallest file is the one written, and all ways are shown; `inspect` says what codewords mean."""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import pytest
from checks import npy_of
from command_line import ROOT, files, good, misused, program, refused

from codec.coding import write
from codec.coding.best import candidates, smallest
from codec.readings.front import open_stream

STATION_FILE = ROOT / "samples" / "station.csv"


@pytest.fixture
def readings(tmp_path: Path) -> Path:
    path = tmp_path / "s.txt"
    good("generate", "nasa", "-n", 20_000, "--persistence", 0.9, "-o", path)
    return path


def test_best_writes_the_smallest_file_and_shows_all(readings: Path) -> None:
    talk = good("encode", readings, "--best").talk
    found = candidates(open_stream(io.BytesIO(readings.read_bytes()), "x"))
    lines = talk.splitlines()
    assert max(map(len, lines[:-1])) <= 100 and lines[0].split() == ["coded", "as", "bits", "bytes"]
    rows = {line.split("  ")[0]: line.split() for line in lines[2:-1]}
    assert list(rows) == [one.name for one in found]
    for one in found:
        assert f"{one.file_bits:,}" in rows[one.name] and f"{-(-one.file_bits // 8):,}" in rows[one.name]  # type: ignore[operator]
        assert (rows[one.name][-1] == "smallest") == (one is smallest(found))
    data, out = (readings.parent / "s.txt.huf").read_bytes(), io.BytesIO()
    write(open_stream(io.BytesIO(readings.read_bytes()), "x"), out, smallest(found).code, smallest(found).how)
    assert data == out.getvalue()
    assert lines[-1].startswith(f"{readings}: 20,000 readings, ") and f"-> {len(data):,} bytes" in lines[-1]
    assert good("decode", f"{readings}.huf", "-c").data == readings.read_bytes()
    assert files(readings.parent) == ["s.txt", "s.txt.huf"]


@pytest.mark.slow
def test_best_is_no_larger_than_any_way_by_itself(readings: Path) -> None:
    best = good("encode", readings, "--best", "-c", "-q").data
    for way in ("--delta", "--context", "--delta --context", "--delta --block 4", "--block 3"):
        alone = good("encode", readings, *way.split(), "-c", "-q").data
        assert len(best) <= len(alone)
        assert good("decode", "-", stdin=alone).data == readings.read_bytes()


@pytest.mark.slow
def test_best_of_a_column_and_on_a_grid(tmp_path: Path) -> None:
    for step, name in ((None, "linear intervals"), ("0.5", "linear intervals")):
        steps = [] if step is None else ["--step", step]
        target = tmp_path / f"{step}.huf"
        result = good("encode", STATION_FILE, "--column", "temperature", *steps, "--best", "--json", "-o", target)
        fields = result.json()
        assert fields["chosen"] == name
        sizes = {one["name"]: one["file_bits"] for one in fields["candidates"]}
        assert fields["file_bits"] == 8 * target.stat().st_size == pytest.approx(min(sizes.values()), rel=0.01)
        assert ("were changed by the step" in result.talk) == (step is not None)
        lines = good("decode", target, "-c").text.splitlines()
        cells = [line.split(",")[1] for line in STATION_FILE.read_text().splitlines()[1:]]
        furthest = np.abs(np.array(lines, float) - np.array(cells, float)).max()
        assert (lines == cells) if step is None else 0.2 <= furthest < 0.251


def test_best_as_json_has_stable_keys(readings: Path) -> None:
    result = good("encode", readings, "--best", "--json", "-q")
    fields = result.json()
    assert result.talk == ""
    assert sorted(fields) == ["candidates", "chosen", "count", "file_bits", "file_bytes", "original_bytes", "output"]
    assert all(sorted(one) == ["count", "file_bits", "name", "why_not"] for one in fields["candidates"])
    size = (readings.parent / "s.txt.huf").stat().st_size
    assert (fields["count"], fields["file_bytes"], fields["file_bits"]) == (20_000, size, 8 * size)
    assert (fields["original_bytes"], fields["output"]) == (readings.stat().st_size, f"{readings}.huf")
    chosen = next(one for one in fields["candidates"] if one["name"] == fields["chosen"])
    assert chosen["file_bits"] == min(one["file_bits"] for one in fields["candidates"])
    plain = good("encode", readings, "--json", "-f").json()
    assert sorted(plain) == ["count", "file_bits", "file_bytes", "original_bytes", "output"]
    words = readings.parent / "words.txt"
    words.write_text("on\noff\n" * 50)
    reasons = {one["name"]: one for one in good("encode", words, "--best", "--json", "-q").json()["candidates"]}
    assert reasons["delta"]["file_bits"] is None and "words have no differences" in reasons["delta"]["why_not"]


@pytest.mark.slow
def test_best_comes_out_of_a_pipe_and_goes_into_one(readings: Path) -> None:
    from_file = good("encode", readings, "--best", "-c", "-q").data
    result = program("encode", "-", "--best", stdin=readings.read_bytes())
    assert result.code == 0 and result.data == from_file and "smallest" in result.talk
    quiet = good("encode", "-", "--best", "-q", stdin=readings.read_bytes())
    assert quiet.data == from_file and quiet.talk == ""
    delta = good("encode", "-", "--delta", "--context", "-q", stdin=readings.read_bytes()).data
    assert good("decode", "-", stdin=delta).data == readings.read_bytes()


@pytest.mark.slow
def test_best_of_any_text_of_bytes_and_of_arrays_comes_back(tmp_path: Path) -> None:
    path, raw, array = (tmp_path / name for name in ("x.txt", "x.bin", "a.npy"))
    for content in (b"", b"7\n", b"7", b"on\n\noff\n", b"1.5\n1.7\n1.6\n" * 30):
        path.write_bytes(content)
        for way in (["--best"], ["--best", "--json"], ["--context"]):
            good("encode", path, *way, "-f")
            assert good("decode", f"{path}.huf", "-c").data == content
            good("inspect", f"{path}.huf")
    raw.write_bytes(bytes(range(200)) * 3)
    array.write_bytes(npy_of(np.cumsum(np.arange(300) % 5).astype(">i4").reshape(30, 10)))
    assert good("encode", raw, "--bytes", "--best", "--json").json()["chosen"].startswith("delta block")
    assert good("encode", array, "--best", "--json").json()["chosen"].startswith("delta")
    for other in (raw, array):
        assert good("decode", f"{other}.huf", "-c").data == other.read_bytes()


def test_options_that_do_not_go_together_are_wrong_usage(readings: Path) -> None:
    for arguments, message in {
        "--best --delta": "--best tries all ways by itself: leave out --delta",
        "--best --ranks --linear --context": "leave out --ranks and --linear and --context",
        "--delta --ranks": "--delta and --ranks exclude each other",
        "--intervals --block 2": "--intervals learns Huffman codes of its own, without --block",
        "--best --code nasa": "--best learns Huffman codes of its own, without --code",
        "--best --code nasa --no-table": "without --code",
        "--best --block 2": "without --block",
        "--best --max-length 9": "without --max-length",
        "--best --construction shannon": "without --construction",
        "--context --code nasa": "--context learns Huffman codes of its own, without --code",
        "--context --block 2": "without --block",
        "--context --max-length 9 --construction shannon": "without --max-length and --construction",
        "--best --no-table": "--no-table needs --code",
        "--context --no-table": "--no-table needs --code",
        "--best --json -c": "both want standard output",
        "--delta --json -o -": "both want standard output",
        "--json -o /dev/stdout": "both want standard output",
    }.items():
        assert message in misused("encode", readings, *arguments.split())
    assert files(readings.parent) == ["s.txt"]


@pytest.mark.slow
def test_what_cannot_be_coded_so_is_refused_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "x.txt"
    path.write_text("1\n2\nx\n")
    assert f"{path}, near line 1: words have no differences" in refused("encode", path, "--delta")
    path.write_text("".join(f"{number}\n" for number in np.random.default_rng(1).random(66_000).tolist()))
    assert "66,000 different readings" in refused("encode", path, "--best")
    path.write_text("1.5\n2.25\n1.5\n")
    good("encode", path, "--delta", "--step", "0.25")
    assert good("decode", f"{path}.huf", "-c").text == "1.50\n2.25\n1.50\n"
    assert files(tmp_path) == ["x.txt", "x.txt.huf"]


def test_codes_of_a_construction_and_within_a_limit_are_of_differences_too(readings: Path) -> None:
    for arguments in (["--max-length", 6], ["--construction", "shannon"], ["--block", 3], ["--code", "nasa"]):
        if arguments[0] == "--code":
            assert "the difference" in refused("encode", readings, "--delta", *arguments)
        else:
            data = good("encode", readings, "--delta", *arguments, "-c", "-q").data
            assert good("decode", "-", stdin=data).data == readings.read_bytes()


# ------------------------------------------------------------------ inspect


@pytest.mark.slow
def test_inspect_says_what_codewords_stand_for(readings: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(readings.parent)
    target = Path("x.huf")
    for arguments, coded in {
        "": "readings",
        "--delta": "differences",
        "--context": "readings in context",
        "--delta --context": "differences in context",
        "--delta --block 2": "blocks of 2 differences",
        "--block 2": "blocks of 2 readings",
        "--ranks": "differences of ranks",
        "--linear 2 --intervals": "residuals of linear prediction",
        "--ranks --linear --context": "residuals of ranks in context",
        "--ranks --linear --short": "residuals of ranks",
    }.items():
        good("encode", readings, *arguments.split(), "-o", target, "-f")
        text, size = good("inspect", target).text, target.stat().st_size
        first = f"{target}: 20,000 readings of 8 labels in {size:,} bytes"
        assert text.splitlines()[0] == first + (f", coded as {coded}" if arguments else "")
        assert max(map(len, text.splitlines())) <= 100 and f"the sum = 8 × {size:,} bytes" in text
        assert ("memory of order one" in text) == ("codeword " in text) == ("--context" not in arguments)
        fields = good("inspect", target, "--json").json()
        assert fields["coded"] == coded and (fields["memory"] is None) == ("--context" in arguments)
        assert sum(line["bits"] for line in fields["ledger"]) == pytest.approx(8 * size)
        json.dumps(fields, allow_nan=False)
    good("encode", STATION_FILE, "--column", "temperature", "--best", "-q", "-o", target, "-f")
    text = good("inspect", target).text
    assert ", coded as residuals of linear prediction" in text and max(map(len, text.splitlines())) <= 100
    assert "all is well" in good("decode", "-t", target).talk
