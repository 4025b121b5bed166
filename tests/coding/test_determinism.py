"""The same readings give the same bytes: on every machine, through every engine, whatever Python does beside."""

from __future__ import annotations

import hashlib
import io
import json
import os
import random
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import checks
import numpy as np
import pytest
from checks import Pipe, each_engine, pieces, same
from corpus import FEW, NASA, STEPS, Good

from codec.bits import engine as engines
from codec.codes.prefix import huffman
from codec.coding import decode, encode, write
from codec.coding.file import opened
from codec.coding.options import Options
from codec.coding.steps import transform_named
from codec.readings.front import open_stream
from codec.theory.distribution import Distribution

COUNT = 20_000


def noise(seed: int, count: int = COUNT) -> Any:
    """Evenly distributed numbers of 16 bits, by nothing but SHA-256."""
    digests = (hashlib.sha256(f"{seed}:{number}".encode()).digest() for number in range(-(-count // 16)))
    return np.frombuffer(b"".join(digests), ">u2").astype(np.int64)[:count]


def geometric(seed: int, count: int = COUNT) -> Any:
    """How many zeros a number ends with: half of them are 0, a quarter 1."""
    numbers = noise(seed, count) | 1 << 16
    return np.frexp(numbers & -numbers)[1].astype(np.int64) - 1


def larger() -> dict[str, Good]:
    """Files of all kinds, of some thousands of readings."""
    levels = np.array([100, 105, 110, 145, 160, 162, 174, 180], np.int16)[geometric(1) % 8]
    drift = np.cumsum(geometric(2) - geometric(3)).astype(np.int32)
    sticky = np.repeat(geometric(4, COUNT // 5) % 6, 5)
    decimals = b"".join(b"%d.%d\n" % divmod(int(number), 10) for number in 200 + drift[:5000] % 90)
    words = np.array(["", "on", "off", "\u00e9", "tr\u00fcb"])[geometric(5) % 5]
    lanes = {"lane_size": 96, "block_size": 4096}
    return {
        "int16": Good("", levels.reshape(100, 200), options=lanes),
        "given code": Good("", levels, NASA, False, lanes),
        "many labels": Good("", noise(6).astype(np.uint16)),
        "floats": Good("", (noise(7) % 50 / 8 - 2).astype(np.float32), options={"lane_size": 33, "decimals": False}),
        "strings": Good("", words, options=lanes),
        "bytes": Good("", geometric(8).astype(np.uint8).tobytes()),
        "string": Good("", "".join("abcdefghijklmnopq"[number] for number in geometric(9).tolist())),
        "text": Good("", decimals, options=lanes, opens={}),
        "column": Good("", b"x\n" + decimals, opens={"column": "x"}),
        "escapes": Good("", np.where(noise(10) < 3000, noise(11) - 30_000, levels), FEW, options=lanes),
        "pairs": Good("", levels[:19_999], options={"per_codeword": 2, **lanes}),
        "triples of text": Good("", decimals, options={"per_codeword": 3}, opens={}),
        "differences": Good("", drift, options={"delta": True, **lanes}),
        "escaped differences": Good("", drift, STEPS, options={"delta": True}),
        "differences of text": Good("", decimals, options={"delta": True, **lanes}, opens={}),
        "context": Good("", sticky, options={"context": True, **lanes}),
        "differences in context": Good("", drift, options={"delta": True, "context": True}),
        "differences in pairs": Good("", drift, options={"delta": True, "per_codeword": 2, "block_size": 1000}),
    }


# The first 16 digits of the SHA-256 of each file, as version 1 was frozen. They never change.
PINNED: dict[str, str] = {
    "int16": "45b8addf2769ae0b",
    "given code": "ab24e072f240d04e",
    "many labels": "1e49eef6feb403e6",
    "floats": "409b07eb57e7d24e",
    "strings": "4fff7a4d04f98e24",
    "bytes": "750cc9bf23c87ee9",
    "string": "eec2a95edc67d41e",
    "text": "b1adc21bde3537d2",
    "column": "68cc825804be7467",
    "escapes": "dc85b2f2e121ff1d",
    "pairs": "b4aff4539bdd5be1",
    "triples of text": "fa6b010eefbe5fee",
    "differences": "64f4afa4accc41b2",
    "escaped differences": "53f5b54415f45ee1",
    "differences of text": "7ad7b0e74aaceed4",
    "context": "3ed99c32621c207a",
    "differences in context": "8eb28eb6c924b4da",
    "differences in pairs": "5a6fa9ba774a7db8",
}


@cache
def files() -> dict[str, Good]:
    return larger()


def hashed(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:16]


def hashes(engine: str | None = None) -> dict[str, str]:
    return {name: hashed(kind.make(engine=engine)) for name, kind in files().items()}


@each_engine
def test_every_engine_writes_the_bytes_that_are_pinned_and_reads_them(engine: str) -> None:
    assert list(files()) == list(PINNED) and len(PINNED) >= 12
    for name, kind in files().items():
        data = kind.make(engine=engine)
        assert hashed(data) == PINNED[name] and len(data) > 1000
        assert same(kind.read(data, engine), kind.content)


@pytest.mark.slow
@pytest.mark.parametrize(
    "settings",
    [
        {"PYTHONHASHSEED": "1", "PYTHONOPTIMIZE": "2", "LC_ALL": "C"},
        {"PYTHONHASHSEED": "4294967295", "PYTHONUTF8": "0", "TZ": "Asia/Tokyo"},
    ],
    ids=["optimised", "another seed"],
)
def test_nothing_depends_on_how_python_was_started(settings: dict[str, str]) -> None:
    here = [str(Path(__file__).parent), str(Path(checks.__file__).parent)]
    script = f"import sys, json; sys.path[:0] = {here!r}; import test_determinism as t; print(json.dumps(t.hashes()))"
    shown = subprocess.run(
        [sys.executable, "-c", script], env={**os.environ, **settings}, capture_output=True, text=True, check=True
    )
    assert json.loads(shown.stdout) == PINNED


@pytest.mark.parametrize("threads", [1, 2, 5])
@each_engine
def test_nothing_depends_on_the_number_of_threads(engine: str, threads: int, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def threads_for(name: str) -> int:
        asked.append(name)
        return threads

    monkeypatch.setattr(engines, "threads_for", threads_for)
    for name in ("int16", "escapes", "differences", "context", "text"):
        kind = files()[name]
        data = kind.make(engine=engine)
        assert hashed(data) == PINNED[name]
        assert same(kind.read(data, engine), kind.content)
    assert set(asked) == {engine}


def test_nothing_depends_on_what_was_coded_before() -> None:
    names = list(files())
    for seed in range(2):
        random.Random(seed).shuffle(names)
        assert [hashed(files()[name].make()) for name in names] == [PINNED[name] for name in names]


@pytest.mark.parametrize("step", [1, 7, 4096])
def test_nothing_depends_on_how_a_text_arrives(step: int) -> None:
    for name, transform in {
        "text": "readings",
        "differences of text": "differences",
        "triples of text": "readings",
    }.items():
        kind, out = files()[name], io.BytesIO()
        code = opened(io.BytesIO(kind.make())).code  # a pipe can be gone through only once, and nothing learned from it
        sizes = {key: value for key, value in kind.options.items() if key.endswith("_size")}
        how = Options(transform=transform_named(transform), **sizes)
        write(open_stream(Pipe(kind.content, step), "readings"), out, code, how)
        assert hashed(out.getvalue()) == PINNED[name]


COUNTS: dict[str, dict[Any, int]] = {
    "ints": {100: 30, 105: 40, 110: 5, 145: 5, 160: 5, -3: 30},
    "strings": {"on": 4, "off": 4, "": 1, "é": 1},
    "floats": {0.5: 3, -0.0: 3, float("inf"): 3, 2.5: 1},
    "bytes": {b"a": 1, b"": 1, b"\0": 1},
}


def test_the_order_of_a_dict_of_counts_does_not_matter() -> None:
    for counts in COUNTS.values():
        items, made = list(counts.items()), set()
        stream = np.array([label for label, count in items for _ in range(count)], object)
        for seed in range(20):
            random.Random(seed).shuffle(items)
            made.add(encode(stream, huffman(Distribution.from_counts(dict(items)))))
        assert len(made) == 1 and same(decode(made.pop()), stream)


def test_the_order_of_the_readings_does_not_matter_to_the_code_that_is_learned() -> None:
    for name in ("int16", "floats", "strings", "bytes", "string", "many labels"):
        content = files()[name].content
        readings = np.asarray(list(content) if isinstance(content, (bytes, str)) else content).reshape(-1)
        ordered, own = np.sort(readings), encode(readings)
        assert pieces(encode(ordered))[0] == pieces(encode(ordered[::-1]))[0] == pieces(own)[0]
        assert encode(ordered) != own
