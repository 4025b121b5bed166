"""The best way: every way of coding is sized before it is written, and the smallest file is chosen."""

from __future__ import annotations

import io
import itertools
import re
from typing import Any

import numpy as np
import pytest
from checks import part, same
from command_line import ROOT

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


def written(stream: Stream, one: Candidate) -> bytes:
    out = io.BytesIO()
    write(stream, out, one.code, one.how)
    return out.getvalue()


def options_of(name: str) -> dict[str, Any]:
    """What `write` is told to code so without a given code."""
    found = re.search("block ([0-9]+)", name)
    names = {"delta": "differences", "ranks": "ranks", "linear": "linear", "ranks linear": "linear ranks"}
    asked = re.match("(delta|ranks linear|ranks|linear)?", name)[0]  # type: ignore[index]
    return {
        "transform": transform_named(names.get(asked, "readings")),
        "context": "context" in name,
        "intervals": "intervals" in name,
        "per_codeword": int(found[1]) if found else 1,
    }


# What is chosen where it is plain to see.
PLAIN_TO_SEE = {
    "nasa": "block 2",
    "letters": "plain",
    "floats": "plain",
    "station.csv": "linear intervals",
    "sticky letters": "context",
    "deterministic": "context",
    "counting": "delta block 8",
    "nothing": "plain",
}

# ------------------------------------------------------------------ sizes


@pytest.mark.dear
@pytest.mark.parametrize("name", STREAMS)
def test_each_candidate_is_the_file_that_its_options_write_of_the_size_that_was_computed(name: str) -> None:
    stream, plain, sizes = STREAMS[name](), None, {}
    found = candidates(stream)
    for one in found:
        if one.file_bits is None:
            assert one.why_not and one.code is None
            continue
        data = written(stream, one)
        sizes[one.name] = one.file_bits
        assert one.file_bits == 8 * len(data) and one.why_not is None
        out = io.BytesIO()
        write(stream, out, how=Options(**options_of(one.name), short=one.how.short))
        assert out.getvalue() == data
        plain = decode(data) if plain is None else plain
        assert same(decode(data), plain)
    chosen = smallest(found).name
    assert sizes[chosen] == min(sizes.values()) and chosen == PLAIN_TO_SEE.get(name, chosen)


def test_a_size_counts_all_blocks_of_the_file() -> None:
    stream = STREAMS["station.csv"]()
    for one in candidates(stream, Options(block_size=4000)):
        out = io.BytesIO()
        write(stream, out, one.code, one.how)
        assert one.file_bits == 8 * len(out.getvalue())
        assert not one.how.short and part(out.getvalue(), "block", 1).number(out.getvalue(), "sequence number") == 1


# ------------------------------------------------------------------ which are tried


@pytest.mark.slow
def test_blocks_are_tried_until_they_get_larger() -> None:
    for name in ("nasa", "station.csv", "sticky", "bytes"):
        found = candidates(STREAMS[name]())
        names = [one.name for one in found]
        assert names[0] == "plain" and names.index("delta") == names.index("context") + 1
        assert names.index("intervals") == names.index("delta context") + 1
        found = found[: names.index("intervals")]
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
    assert reasons["plain"] is reasons["context"] is None and "delta" in reasons
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


@pytest.mark.slow
def test_what_has_too_many_readings_may_have_few_differences() -> None:
    found = candidates(STREAMS["counting"]())
    assert [one.name for one in found][:2] == ["plain", "delta"] and found[0].file_bits is None
    assert smallest(found).how.transform is not LEVELS


@pytest.mark.slow
def test_a_stream_that_no_way_can_code_is_refused_as_without_best() -> None:
    for values in (np.random.default_rng(1).random(70_000), np.random.default_rng(1).integers(-(2**62), 2**62, 70_000)):
        with pytest.raises(StreamError, match="has 70,000 different readings, and a code has at most 65,536"):
            candidates(from_values(values))
    with pytest.raises(StreamError, match="readings of up to 70,000 bytes"):
        candidates(from_values(np.array(["x" * 70_000, "y"], object)))
    assert smallest(candidates(from_values(np.array(["x" * MAX_LABEL_BYTES, "y"], object)))).name == "plain"


def test_a_table_too_large_for_a_file_does_not_spoil_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    strings = np.array(["x" * 9000 + str(i % 8) for i in range(60)], object)
    plain = candidates(from_values(strings))[0].code
    monkeypatch.setattr(container, "MAX_TABLE_BYTES", len(plain.serialized))  # type: ignore[union-attr]
    reasons = why(from_values(strings))
    assert reasons["plain"] is None and "a table of" in str(reasons["context"])
