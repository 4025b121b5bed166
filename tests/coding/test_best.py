"""`encode --best`: every way of coding is sized before it is written, and the smallest file is the one written."""

from __future__ import annotations

import io
import itertools
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from checks import npy_of, part, same
from command_line import ROOT, files, good, misused, program, refused

from codec.codes.context import ContextCode
from codec.codes.prefix import PrefixCode
from codec.codes.serialize import MAX_LABEL_BYTES
from codec.coding import decode, learn, write
from codec.coding.best import MAX_READINGS_TRIED, Candidate, candidates, smallest
from codec.coding.options import Options
from codec.coding.steps import LEVELS, transform_named
from codec.errors import StreamError
from codec.files import container
from codec.readings.front import open_stream
from codec.readings.grid import on_grid
from codec.readings.stream import Stream
from codec.readings.values import from_values
from codec.theory.sources import built_in, independent, station, sticky

NASA = built_in("nasa")
STATION_FILE, NASA_FILE = ROOT / "samples" / "station.csv", ROOT / "samples" / "nasa.txt"


def station_file() -> Stream:
    return open_stream(io.BytesIO(STATION_FILE.read_bytes()), "station.csv", "temperature")


STREAMS: dict[str, Any] = {
    "nasa": lambda: from_values(independent(NASA, 20_000, 1)[0]),
    "nasa.txt": lambda: open_stream(io.BytesIO(NASA_FILE.read_bytes()), "nasa.txt"),
    "station.csv": station_file,
    "station.csv on a grid": lambda: on_grid(station_file(), "0.5")[0],
    "station": lambda: from_values(station(40_000)[0]),
    "sticky": lambda: from_values(sticky(NASA, 200_000, 1, 0.9)[0]),
    "stickier": lambda: from_values(np.repeat(independent(NASA, 300, 1)[0], 300)),
    "sticky letters": lambda: from_values(sticky(built_in("letters"), 30_000, 2, 0.5)[0]),
    "letters": lambda: from_values("".join(independent(built_in("letters"), 30_000, 1)[0])),
    "nothing": lambda: from_values(np.zeros((0, 3))),
    "no lines": lambda: open_stream(io.BytesIO(b""), "empty.txt"),
    "one reading": lambda: from_values([7]),
    "two readings": lambda: from_values([7, 8]),
    "strings": lambda: from_values(np.array(["on", "off", "off"] * 300)),
    "floats": lambda: from_values(np.round(np.random.default_rng(1).normal(size=5000), 1)),
    "bytes": lambda: from_values(bytes(range(256)) * 9),
    "counting": lambda: from_values(np.arange(90_000)),
    "deterministic": lambda: from_values(np.arange(10_000) ** 2 % 61),
    "datetimes": lambda: from_values(np.arange("2021-01-01", "2021-03-01", dtype="M8[h]")),
}  # fmt: skip
each_stream = pytest.mark.parametrize("name", STREAMS)


def written(stream: Stream, one: Candidate) -> bytes:
    out = io.BytesIO()
    write(stream, out, one.code, one.how)
    return out.getvalue()


def options_of(name: str) -> dict[str, Any]:
    """What `write` is told to code so without a given code."""
    found = re.search("block ([0-9]+)", name)
    transform = transform_named("differences" if "delta" in name else "readings")
    return {"transform": transform, "context": "context" in name, "per_codeword": int(found[1]) if found else 1}


# ------------------------------------------------------------------ sizes


@each_stream
def test_the_size_computed_is_that_of_the_file_and_the_chosen_one_is_the_smallest(name: str) -> None:
    stream = STREAMS[name]()
    found = candidates(stream)
    sizes = {one.name: 8 * len(written(stream, one)) for one in found if one.file_bits is not None}
    for one in found:
        if one.file_bits is not None:
            assert one.file_bits == sizes[one.name] and one.why_not is None
        else:
            assert one.why_not and one.code is None
    assert sizes[smallest(found).name] == min(sizes.values())


@each_stream
def test_each_candidate_is_the_file_that_its_options_write_and_comes_back(name: str) -> None:
    stream = STREAMS[name]()
    plain = None
    for one in candidates(stream):
        if one.file_bits is not None:
            out = io.BytesIO()
            write(stream, out, how=Options(**options_of(one.name)))
            assert out.getvalue() == written(stream, one)
            back = decode(out.getvalue())
            plain = back if plain is None else plain
            assert same(back, plain)


@pytest.mark.parametrize(
    ("name", "chosen"),
    [
        ("nasa", "block 2"),
        ("letters", "plain"),
        ("floats", "plain"),
        ("station.csv", "delta context"),
        ("sticky letters", "context"),
        ("deterministic", "context"),
        ("counting", "delta block 8"),
        ("one reading", "plain"),
        ("nothing", "plain"),
    ],
)
def test_what_is_chosen_where_it_is_plain_to_see(name: str, chosen: str) -> None:
    assert smallest(candidates(STREAMS[name]())).name == chosen


def test_a_size_counts_all_blocks_of_the_file() -> None:
    stream = STREAMS["station.csv"]()
    for one in candidates(stream, Options(block_size=4000)):
        out = io.BytesIO()
        write(stream, out, one.code, one.how)
        assert one.file_bits == 8 * len(out.getvalue())
        assert part(out.getvalue(), "block", 1).number(out.getvalue(), "sequence number") == 1


# ------------------------------------------------------------------ which are tried


def test_blocks_are_tried_until_they_get_larger() -> None:
    for name in ("nasa", "station.csv", "sticky", "bytes"):
        found = candidates(STREAMS[name]())
        names = [one.name for one in found]
        assert names[0] == "plain" and names.index("delta") == names.index("context") + 1
        assert names[-1] == "delta context"
        for word in ("", "delta "):
            sizes = [one.file_bits for one in found if one.name.startswith(f"{word}block ")]
            first = next(one.file_bits for one in found if one.name == (word.strip() or "plain"))
            shrinking = [low < high for high, low in itertools.pairwise([first, *sizes])]
            assert all(shrinking[:-1]) and (not shrinking[-1] or len(sizes) == MAX_READINGS_TRIED - 1)
            kinds = [one for one in found if one.name.startswith(word) and ("delta" in one.name) == bool(word)]
            assert isinstance(kinds[-1].code, ContextCode) and isinstance(kinds[0].code, PrefixCode)
            assert all((one.how.transform is not LEVELS) == bool(word) for one in kinds)


def test_of_two_as_small_the_simpler_one_is_chosen() -> None:
    ways = [Candidate(name, bits) for name, bits in (("plain", 80), ("block 2", None), ("context", 72), ("delta", 72))]
    assert smallest(tuple(ways)).name == "context"
    assert smallest(tuple(ways[:2])).name == "plain"


def why(stream: Stream) -> dict[str, str | None]:
    return {one.name: one.why_not for one in candidates(stream)}


def test_why_not_is_said_without_the_name_of_the_stream(monkeypatch: pytest.MonkeyPatch) -> None:
    reasons = why(open_stream(io.BytesIO(b"on\noff\n" * 99), "x.txt"))
    assert reasons["plain"] is reasons["context"] is None and list(reasons)[-1] == "delta"
    assert reasons["delta"] == (
        "near line 1: words have no differences: round the readings to a grid with the argument step, "
        "or code them without delta=True"
    )
    assert str(why(STREAMS["floats"]())["delta"]).startswith("near position 0: floats have no differences")
    assert str(why(STREAMS["counting"]())["plain"]).startswith("has 90,000 different readings")
    numbers = from_values(np.random.default_rng(1).integers(0, 300, 3000))
    monkeypatch.setattr(learn, "MAX_SYMBOLS", 1000)
    monkeypatch.setattr(learn, "MAX_PAIRS", 1000)
    reasons = why(numbers)
    blocked = "has more than 1,000 different blocks of 2 readings: no block of more than one reading fits"
    assert reasons["block 2"] == reasons["delta block 2"] == blocked and "block 3" not in reasons
    for name in ("context", "delta context"):
        assert str(reasons[name]).startswith("has more than 1,000 different pairs of neighbouring readings")


def test_what_has_too_many_readings_may_have_few_differences() -> None:
    found = candidates(STREAMS["counting"]())
    assert [one.name for one in found][:2] == ["plain", "delta"] and found[0].file_bits is None
    assert smallest(found).how.transform is not LEVELS and smallest(found).file_bits is not None


def test_a_stream_that_no_way_can_code_is_refused_as_without_best() -> None:
    for values in (np.random.default_rng(1).random(70_000), np.random.default_rng(1).integers(-(2**62), 2**62, 70_000)):
        with pytest.raises(StreamError, match="has 70,000 different readings, and a code has at most 65,536"):
            candidates(from_values(values))
    with pytest.raises(StreamError, match="readings of up to 70,000 bytes"):
        candidates(from_values(np.array(["x" * 70_000, "y"], object)))
    assert smallest(candidates(from_values(np.array(["x" * MAX_LABEL_BYTES, "y"], object)))).name == "plain"


def test_a_table_too_large_for_a_file_does_not_spoil_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    strings = np.array(["x" * 9000 + str(i % 8) for i in range(60)], object)
    plain = len(written(from_values(strings), candidates(from_values(strings))[0]))
    monkeypatch.setattr(container, "MAX_TABLE_BYTES", plain - 130)
    reasons = why(from_values(strings))
    assert reasons["plain"] is None and "a table of" in str(reasons["context"])


# ------------------------------------------------------------------ the verb


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
    data = (readings.parent / "s.txt.huf").read_bytes()
    assert data == written(open_stream(io.BytesIO(readings.read_bytes()), "x"), smallest(found))
    assert lines[-1].startswith(f"{readings}: 20,000 readings, ") and f"-> {len(data):,} bytes" in lines[-1]
    assert good("decode", f"{readings}.huf", "-c").data == readings.read_bytes()
    assert files(readings.parent) == ["s.txt", "s.txt.huf"]


@pytest.mark.parametrize("way", ["--delta", "--context", "--delta --context", "--delta --block 4", "--block 3"])
def test_best_is_no_larger_than_any_way_by_itself(readings: Path, way: str) -> None:
    best = good("encode", readings, "--best", "-c", "-q").data
    alone = good("encode", readings, *way.split(), "-c", "-q").data
    assert len(best) <= len(alone)
    assert good("decode", "-", stdin=alone).data == readings.read_bytes()


def test_best_of_a_column_and_on_a_grid(tmp_path: Path) -> None:
    for step, name in ((None, "delta context"), ("0.5", "delta context")):
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
    assert all(sorted(one) == ["file_bits", "name", "why_not"] for one in fields["candidates"])
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


def test_best_comes_out_of_a_pipe_and_goes_into_one(readings: Path) -> None:
    from_file = good("encode", readings, "--best", "-c", "-q").data
    result = program("encode", "-", "--best", stdin=readings.read_bytes())
    assert result.code == 0 and result.data == from_file and "smallest" in result.talk
    quiet = good("encode", "-", "--best", "-q", stdin=readings.read_bytes())
    assert quiet.data == from_file and quiet.talk == ""
    delta = good("encode", "-", "--delta", "--context", "-q", stdin=readings.read_bytes()).data
    assert good("decode", "-", stdin=delta).data == readings.read_bytes()


@pytest.mark.parametrize("content", [b"", b"7\n", b"7", b"on\n\noff\n", b"1.5\n1.7\n1.6\n" * 30])
def test_best_of_any_text_comes_back(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.txt"
    path.write_bytes(content)
    for way in (["--best"], ["--best", "--json"], ["--context"]):
        good("encode", path, *way, "-f")
        assert good("decode", f"{path}.huf", "-c").data == content
        good("inspect", f"{path}.huf")


def test_best_of_bytes_and_arrays_comes_back(tmp_path: Path) -> None:
    raw, array = tmp_path / "x.bin", tmp_path / "a.npy"
    raw.write_bytes(bytes(range(200)) * 3)
    array.write_bytes(npy_of(np.cumsum(np.arange(300) % 5).astype(">i4").reshape(30, 10)))
    assert good("encode", raw, "--bytes", "--best", "--json").json()["chosen"].startswith("delta block")
    assert good("encode", array, "--best", "--json").json()["chosen"].startswith("delta")
    for path in (raw, array):
        assert good("decode", f"{path}.huf", "-c").data == path.read_bytes()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--best", "--delta"], "--best tries --delta and --context by itself"),
        (["--best", "--context"], "--best tries --delta and --context by itself"),
        (["--best", "--code", "nasa"], "--best learns Huffman codes of its own, without --code"),
        (["--best", "--code", "nasa", "--no-table"], "without --code"),
        (["--best", "--block", "2"], "without --block"),
        (["--best", "--max-length", "9"], "without --max-length"),
        (["--best", "--construction", "shannon"], "without --construction"),
        (["--context", "--code", "nasa"], "--context learns Huffman codes of its own, without --code"),
        (["--context", "--block", "2"], "without --block"),
        (["--context", "--max-length", "9", "--construction", "shannon"], "without --max-length and --construction"),
        (["--best", "--no-table"], "--no-table needs --code"),
        (["--context", "--no-table"], "--no-table needs --code"),
        (["--best", "--json", "-c"], "both want standard output"),
        (["--delta", "--json", "-o", "-"], "both want standard output"),
        (["--json", "-o", "/dev/stdout"], "both want standard output"),
    ],
)
def test_options_that_do_not_go_together_are_wrong_usage(readings: Path, arguments: list[str], message: str) -> None:
    assert message in misused("encode", readings, *arguments)
    assert files(readings.parent) == ["s.txt"]


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


@pytest.mark.parametrize(
    ("arguments", "coded", "memory"),
    [
        ([], "", True),
        (["--delta"], ", coded as differences", True),
        (["--context"], ", coded as readings in context", False),
        (["--delta", "--context"], ", coded as differences in context", False),
        (["--delta", "--block", "2"], ", coded as blocks of 2 differences", True),
        (["--block", "2"], ", coded as blocks of 2 readings", True),
    ],
)
def test_inspect_says_what_codewords_stand_for(
    readings: Path, arguments: list[str], coded: str, memory: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(readings.parent)
    target = Path("x.huf")
    good("encode", readings, *arguments, "-o", target)
    text = good("inspect", target).text
    assert max(map(len, text.splitlines())) <= 100
    first = text.splitlines()[0]
    assert first == f"{target}: 20,000 readings of 8 labels in {target.stat().st_size:,} bytes{coded}"
    assert f"the sum = 8 × {target.stat().st_size:,} bytes" in text
    assert ("memory of order one" in text) == memory
    assert ("codeword " in text) == ("--context" not in arguments)
    fields = good("inspect", target, "--json").json()
    assert fields["coded"] == (coded.removeprefix(", coded as ") or "readings")
    assert (fields["memory"] is not None) == memory
    assert sum(line["bits"] for line in fields["ledger"]) == pytest.approx(8 * target.stat().st_size)
    json.dumps(fields, allow_nan=False)


def test_inspect_of_the_best_file_of_the_station(tmp_path: Path) -> None:
    target = tmp_path / "x.huf"
    good("encode", STATION_FILE, "--column", "temperature", "--best", "-q", "-o", target)
    text = good("inspect", target).text
    assert ", coded as differences in context" in text and max(map(len, text.splitlines())) <= 100
    assert "all is well" in good("decode", "-t", target).talk
