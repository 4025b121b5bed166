"""The Numba engine against a slow oracle that decodes lane by lane with bitarray.

With NUMBA_BOUNDSCHECK=1 in the environment the loops check every index; a test runs this file so.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import bitarray
import numpy as np
import pytest
from bitarray.util import ba2int
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from one_block import decoded, encoded

import codec
from codec.bits import compiled, engine, kernels
from codec.errors import DamagedError

RELAXED = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))


def words_of(lengths):
    """Canonical codewords as strings, by the definition."""
    words, value, before = {}, 0, 0
    for length, symbol in sorted((int(n), s) for s, n in enumerate(lengths) if n):
        value <<= length - before
        words[symbol] = format(value, f"0{length}b")
        value, before = value + 1, length
    return words


def oracle_encode(symbols, lengths, lane):
    words = words_of(lengths)
    parts = ["".join(words[s] for s in symbols[at : at + lane].tolist()) for at in range(0, len(symbols), lane)]
    return bitarray.bitarray("".join(parts)).tobytes(), [len(part) for part in parts]


def oracle_decode(payload, lane_bits, count, lengths, lane):
    """Symbols, or None if the stream is damaged."""
    if (
        count < 0
        or len(lane_bits) != -(-count // lane)
        or any(b < 0 for b in lane_bits)
        or sum(lane_bits) > 8 * len(payload)
    ):
        return None
    symbol_of = {word: symbol for symbol, word in words_of(lengths).items()}
    bits = bitarray.bitarray()
    bits.frombytes(bytes(payload))
    text, start, symbols = bits.to01(), 0, []
    for number, size in enumerate(lane_bits):
        at, end, left = start, start + size, min(lane, count - number * lane)
        while left:
            for stop in range(at + 1, min(at + 32, end) + 1):
                if text[at:stop] in symbol_of:
                    symbols.append(symbol_of[text[at:stop]])
                    at, left = stop, left - 1
                    break
            else:
                return None
        if at != end:
            return None
        start = end
    return symbols


def agree(payload, lane_bits, count, lengths, lane):
    expected = oracle_decode(payload, lane_bits.tolist(), count, lengths, lane)
    if expected is None:
        with pytest.raises(DamagedError):
            decoded(compiled, payload, lane_bits, count, lengths, lane)
    else:
        symbols = decoded(compiled, payload, lane_bits, count, lengths, lane)
        assert symbols.dtype == (np.uint8 if len(lengths) <= 256 else np.uint16)
        assert symbols.tolist() == expected


def round_trip(symbols, lengths, lane):
    payload, lane_bits = encoded(compiled, symbols, lengths, lane)
    expected, expected_bits = oracle_encode(symbols, lengths, lane)
    assert payload.tobytes() == expected and lane_bits.tolist() == expected_bits
    found = decoded(compiled, payload.tobytes(), lane_bits, len(symbols), lengths, lane)
    assert found.dtype == symbols.dtype and np.array_equal(found, symbols)


@st.composite
def codes(draw):
    """Lengths of a code, complete or not: split leaves at random, then perhaps drop some or add unused symbols."""
    seed, leaves = draw(st.integers(0, 2**32 - 1)), draw(st.sampled_from([1, 2, 3, 8, 27, 100, 256, 300, 1000]))
    generator, skew = np.random.default_rng(seed), draw(st.sampled_from([0.0, 0.5, 0.9, 0.99]))
    lengths = [1] if leaves == 1 else [0]
    while len(lengths) < leaves:
        deep = [i for i, n in enumerate(lengths) if n < 32]
        deepest = max(deep, key=lengths.__getitem__)
        pick = deepest if generator.random() < skew else deep[generator.integers(len(deep))]
        lengths[pick] += 1
        lengths.append(lengths[pick])
    result = np.array(lengths)
    if draw(st.booleans()):
        result[generator.random(len(result)) < 0.3] = 0
    result = np.concatenate([result, np.zeros(draw(st.sampled_from([0, 1, 250])), int)])
    return generator.permutation(result) if result.any() else np.array([1])


def draw_symbols(generator, lengths, count, flat):
    used = np.flatnonzero(lengths)
    weights = np.ones(len(used)) if flat else 0.5 ** lengths[used].astype(float)
    chosen = generator.choice(used, count, p=weights / weights.sum())
    return chosen.astype(np.uint8 if len(lengths) <= 256 else np.uint16)


@RELAXED
@given(
    codes(), st.integers(0, 2**32 - 1), st.integers(0, 700), st.sampled_from([1, 3, 7, 16, 50, 97, 1000]), st.booleans()
)
def test_random_codes(lengths, seed, count, lane, flat):
    round_trip(draw_symbols(np.random.default_rng(seed), lengths, count, flat), lengths, lane)


@RELAXED
@given(
    codes(),
    st.integers(0, 2**32 - 1),
    st.integers(0, 700),
    st.sampled_from([1, 3, 7, 50, 97, 1000]),
    st.booleans(),
    st.sampled_from(["bits", "lanes", "both lanes", "count", "cut", "lane_bits", "noise", "huge", "grow"]),
)
def test_forged(lengths, seed, count, lane, flat, way):
    generator = np.random.default_rng(seed)
    symbols = draw_symbols(generator, lengths, count, flat)
    payload, lane_bits = encoded(compiled, symbols, lengths, lane)
    payload, lane_bits = payload.copy(), lane_bits.copy()
    if way == "bits" and len(payload):
        for _ in range(generator.integers(1, 4)):
            payload[generator.integers(len(payload))] ^= 1 << generator.integers(8)
    elif way == "noise":
        payload = generator.integers(0, 256, len(payload)).astype(np.uint8)
    elif way == "lanes" and len(lane_bits):
        lane_bits[generator.integers(len(lane_bits))] += generator.integers(-40, 41)
    elif way == "both lanes" and len(lane_bits) > 1:
        first, second = generator.integers(len(lane_bits), size=2)
        lane_bits[first] += 5
        lane_bits[second] -= 5
    elif way == "count":
        count = max(-1, count + int(generator.integers(-3, 4)))
    elif way == "cut":
        payload = payload[: generator.integers(len(payload) + 1)]
    elif way == "grow":
        payload = np.concatenate([payload, generator.integers(0, 256, 20).astype(np.uint8)])
    elif way == "lane_bits":
        lane_bits = generator.integers(0, 50, len(lane_bits))
    elif way == "huge" and len(lane_bits):
        lane_bits[:] = generator.choice([2**62, 2**63 - 1, -(2**63), 2**40])
    agree(payload, lane_bits, count, lengths, lane)


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 5, 11, 12, 13, 63, 64, 65, 255, 256, 257, 6000, 40000])
@pytest.mark.parametrize("lane", [1, 12, 1000, 10**6])
def test_sizes(count, lane):
    lengths = np.array([2, 1, 3, 3])
    round_trip(
        np.random.default_rng(count).choice(4, count, p=[0.25, 0.5, 0.125, 0.125]).astype(np.uint8), lengths, lane
    )


@pytest.mark.parametrize("incomplete", [False, True])
def test_longest_codewords_at_every_offset(incomplete):
    """Codewords of 1..32 bits; runs of the one of one bit move the longest to every bit of a byte."""
    lengths = np.array([*range(1, 33), 0 if incomplete else 32])
    symbols = np.concatenate([[0] * k + [31, 30, 13, 14] for k in range(70)] * 20).astype(np.uint8)
    round_trip(symbols, lengths, 997)
    payload, lane_bits = encoded(compiled, symbols, lengths, 997)
    payload = payload.copy()
    payload[len(payload) // 2 :][:5] = 255
    agree(payload, lane_bits, len(symbols), lengths, 997)


@pytest.mark.parametrize("size", [257, 300, 5000, 65536])
@pytest.mark.parametrize("count", [50, 40000])
def test_wide_alphabets(size, count):
    generator = np.random.default_rng(size)
    low = int(np.log2(size))
    lengths = np.full(size, low)
    lengths[: 2 * (size - 2**low)] = low + 1
    lengths[2 * (size - 2**low) :] = low
    for kind in (lengths, np.minimum(np.arange(size) // 20 + 4, 16 if size < 60000 else 17)):
        kraft = np.cumsum(0.5**kind)
        kind = np.where(kraft <= 1, kind, 0)
        symbols = draw_symbols(generator, kind, count, True)
        round_trip(symbols, kind, 500)
        payload, lane_bits = encoded(compiled, symbols, kind, 500)
        payload = payload.copy()
        payload[3 * len(payload) // 4] ^= 16
        agree(payload, lane_bits, count, kind, 500)


@pytest.mark.parametrize("cut", range(12))
def test_end_of_payload(cut):
    """A forged block whose lanes run into the end of the payload."""
    lengths = np.array([1, 14, 14, 13])
    symbols = np.tile(np.array([1, 2, 3], np.uint8), 4000)
    payload, lane_bits = encoded(compiled, symbols, lengths, 100)
    lane_bits = lane_bits.copy()
    lane_bits[-1] -= 8 * cut
    agree(payload[: len(payload) - cut].copy(), lane_bits, len(symbols), lengths, 100)
    ones = np.full(len(payload), 0xFF, np.uint8)
    agree(ones, lane_bits, len(symbols), lengths, 100)
    agree(ones, np.full(120, 12), len(symbols), lengths, 100)


def test_inputs():
    lengths, symbols = np.array([1, 2, 2]), np.array([0, 1, 2, 0, 1] * 9, np.uint8)
    payload, lane_bits = encoded(compiled, symbols, lengths, 7)
    table = compiled.prepare_decode(lengths, len(symbols))
    buffer = b"x" + payload.tobytes()
    for source in (
        payload,
        payload.tobytes(),
        memoryview(buffer)[1:],
        np.frombuffer(buffer, np.uint8)[1:],
        bytearray(payload),
    ):
        assert np.array_equal(compiled.decode(source, lane_bits, len(symbols), table, 7), symbols)
    strided = np.repeat(symbols, 2)[::2]
    assert encoded(compiled, strided, lengths, 7)[0].tobytes() == payload.tobytes()
    with pytest.raises(DamagedError):
        decoded(compiled, b"\xff", np.array([1]), 1, np.zeros(3, int), 7)


def test_without_numba_the_engine_is_refused_with_the_way_out(monkeypatch):
    monkeypatch.setattr(engine.importlib.util, "find_spec", lambda name: None)
    assert engine.available() == ("reference", "lanes")
    assert engine.engine_name(None, 10**12) == "lanes"
    with pytest.raises(ValueError, match=r"the engine 'compiled' needs Numba: pip install 'codec\[fast\]'"):
        engine.engine_name("compiled")


def test_without_a_cache_folder_it_is_compiled_in_the_process_and_nothing_is_written(tmp_path):
    package = Path(codec.__file__).parent
    copy = tmp_path / "codec"
    shutil.copytree(package, copy, ignore=shutil.ignore_patterns("__pycache__"))
    (copy / "bits" / "__pycache__").write_text("not a folder")
    before = sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*"))
    program = (
        "import numpy as np; from codec.bits import compiled; import codec;"
        f"assert codec.__file__.startswith(r'{tmp_path}');"
        "lengths = np.array([1]);"
        "p, b = compiled.encode(np.zeros(9, np.uint8), compiled.prepare_encode(lengths, 9), 4);"
        "assert compiled.decode(p, b, 9, compiled.prepare_decode(lengths, 9), 4).tolist() == [0] * 9"
    )
    environment = {key: value for key, value in os.environ.items() if not key.startswith("NUMBA")}
    environment.update(HOME="/dev/null", XDG_CACHE_HOME="/dev/null", PYTHONPATH=str(tmp_path))
    subprocess.run([sys.executable, "-B", "-c", program], cwd=tmp_path, env=environment, check=True)
    assert sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*")) == before


@pytest.mark.skipif("NUMBA_BOUNDSCHECK" in os.environ, reason="this is that run")
def test_no_index_ever_leaves_its_array():
    environment = {**os.environ, "NUMBA_BOUNDSCHECK": "1"}
    chosen = ["-n", "0", "-k", "not cache_folder"]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", __file__, *chosen]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_width_covers_one_window():
    assert kernels.LOOK_UPS * kernels.MAX_FAST_WIDTH <= 57
    assert ba2int(bitarray.bitarray("1" * 6)) >= kernels.LOOK_UPS * kernels.MAX_FAST_WIDTH
