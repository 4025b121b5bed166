"""Any argument gives a result, or one of three errors: ValueError, TypeError, CodecError; and no argument changes."""

from __future__ import annotations

import copy
import itertools
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import codec
from codec.theory.sources import built_in

P = built_in("nasa")
CODE = codec.huffman(P)
DATA = codec.encode(P.sample(50, 1), CODE)
ALLOWED = (ValueError, TypeError, codec.CodecError)

THINGS: list[Any] = [
    None, True, False, 0, 1, 2, -1, 3.5, 10**30, -(10**400), 2**63, 2**64 - 1, float("nan"), float("inf"), -0.0, 1j,
    "", "a", "abc", "nasa", "1", b"", b"ab", bytearray(b"ab"), memoryview(b"abc"), (), [], [1], [1, 2], [0.5, 0.5],
    [1, "a"], [[1, 2], [3, 4]], ["a", "b"], [None], [1, None], [10**400, 1], [1j, 2], [b"a", b"b"], {}, {"a": 1},
    {1: 0.5, 2: 0.5}, {"a": "b"}, {"a": -1}, {1, 2}, range(3), object(), P, CODE, DATA, slice(1), int, len,
    np.int8(3), np.uint8(200), np.int16(-1), np.uint16(7), np.int32(5), np.uint32(9), np.int64(2), np.uint64(2**64 - 1),
    np.float16(1.5), np.float32(2.5), np.float64(2.0), np.bool_(True), np.str_("a"), np.bytes_(b"a"),
    np.datetime64("2020-01-01"), np.arange(3), np.arange(6).reshape(2, 3), np.zeros(0), np.array(5),
    np.array([0, 2], np.uint8).view(bool), np.array(["a", None], object),
    np.array([1.5, np.nan]), np.array([1 + 2j]), np.zeros(2, "V3"), np.zeros(2, [("a", "i4")]),
    np.ma.array([1, 2], mask=[True, False]), np.array([2**63], np.uint64), np.array(["2020-01-01", "NaT"], "M8[D]"),
]  # fmt: skip


def few(number: Any) -> Any:
    """The same, but for numbers that are right and take long."""
    return 4 if isinstance(number, (int, np.integer)) and 4 < number <= 1000 else number


CALLS: dict[str, tuple[int, Callable[..., Any]]] = {
    "encode": (3, lambda a, b, c: codec.encode(a, b, c)),
    "encode, sizes": (3, lambda a, b, c: codec.encode([1, 2, 1], per_codeword=a, lane_size=b, block_size=c)),
    "encode, ways": (3, lambda a, b, c: codec.encode([1, 2, 1], transform=a, delta=b, context=c)),
    "encode, engine": (1, lambda a: codec.encode([1, 2, 1], engine=a)),
    "decode": (3, lambda a, b, c: codec.decode(a, b, c)),
    "encode, best": (3, lambda a, b, c: codec.encode(a, best=b, step=c)),
    "decode, limit": (2, lambda a, b: codec.decode(DATA, a, b)),
    "ledger": (2, lambda a, b: codec.ledger(a, b)),
    "huffman": (3, lambda a, b, c: codec.huffman(a, b, c)),
    "huffman, limits": (2, lambda a, b: codec.huffman(P, a, b)),
    "construct": (3, lambda a, b, c: codec.construct(a, b, c)),
    "Distribution": (2, codec.Distribution),
    "from_stream": (1, codec.Distribution.from_stream),
    "from_counts": (1, codec.Distribution.from_counts),
    "sample": (2, lambda a, b: P.sample(a if not isinstance(a, int) or a < 10**6 else -1, b)),
    "smoothed": (2, lambda a, b: P.smoothed(a, b)),
    "extension": (1, lambda a: P.extension(few(a))),
    "PrefixCode": (3, lambda a, b, c: repr(codec.PrefixCode(a, b, c))),
    "from_lengths": (3, codec.PrefixCode.from_lengths),
    "expected_length": (1, CODE.expected_length),
    "certificate": (1, CODE.certificate),
    "entropy": (1, codec.entropy),
    "cross_entropy": (2, codec.cross_entropy),
    "relative_entropy": (2, codec.relative_entropy),
    "mutual_information": (1, codec.mutual_information),
    "conditional_entropy": (1, codec.conditional_entropy),
    "mismatch": (3, lambda a, b, c: codec.mismatch(a, b, c)),
    "mismatch, how": (
        3,
        lambda a, b, c: codec.mismatch(P, P, [100, 105], construction=a, per_codeword=few(b), engine=c),
    ),
    "pack": (2, codec.pack),
    "pack, layout": (2, lambda a, b: codec.pack([100, 105], a, b)),
    "unpack": (3, codec.unpack),
    "unpack, count": (2, lambda a, b: codec.unpack(a, CODE, b)),
    "audit": (2, codec.audit),
    "audit, windows": (2, lambda a, b: codec.audit([100, 105], CODE, window=a, per_day=b)),
}


def state(thing: Any) -> Any:
    """What may not change: the bytes of an array and whether it can be written, the items of a list or a dict."""
    if isinstance(thing, np.ndarray):
        return thing.tobytes(), thing.flags.writeable
    return copy.copy(thing) if isinstance(thing, (list, dict)) else None


def shown(thing: Any) -> str:
    return f"array of {thing.dtype}" if isinstance(thing, np.ndarray) else repr(thing)[:60]


@pytest.mark.dear
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("most", [100, pytest.param(600, marks=pytest.mark.slow)])
@pytest.mark.parametrize("name", CALLS)
def test_it_is_a_result_or_one_of_three_errors(name: str, most: int) -> None:
    arity, call = CALLS[name]
    everything = list(itertools.product(range(len(THINGS)), repeat=arity))
    chosen = everything if arity == 1 else random.Random(name).sample(everything, min(most, len(everything)))
    for places in chosen:
        given = [THINGS[place] for place in places]
        before = [state(thing) for thing in given]
        try:
            call(*given)
        except ALLOWED:
            pass
        except FileNotFoundError:  # a string is the path of a file
            assert name in ("decode", "ledger") and isinstance(given[0], str)
        except BaseException as error:
            about = ", ".join(map(shown, given))
            raise AssertionError(f"{name}({about}) raises {type(error).__name__}: {error}") from error
        assert [state(thing) for thing in given] == before


@pytest.mark.parametrize("thing", THINGS, ids=lambda thing: type(thing).__name__)
def test_what_is_saved_is_a_distribution_or_a_code(thing: Any, tmp_path: Path) -> None:
    for arguments in ((thing, tmp_path / "x.json"), (P, thing)):
        try:
            if not isinstance(arguments[1], (int, str, bytes)) or isinstance(thing, bool):
                codec.save(*arguments)
        except (*ALLOWED, OSError):
            continue


def test_what_the_caller_changes_later_changes_no_code() -> None:
    labels, lengths, weights = np.array([1, 2, 3]), np.array([1, 2, 2]), np.array([2, 1, 1])
    code, p = codec.PrefixCode.from_lengths(labels, lengths), codec.Distribution(labels, weights)
    by_hand = codec.PrefixCode(labels, lengths)
    data = codec.encode([3, 2, 1], code)
    fingerprints, entropy = (code.fingerprint, by_hand.fingerprint), p.entropy()
    labels[0], lengths[0], weights[0] = 9, 2, 7
    assert (code.fingerprint, by_hand.fingerprint) == fingerprints and p.entropy() == entropy
    assert codec.decode(data, code).tolist() == [3, 2, 1] and list(p.labels) == [1, 2, 3]
    for handed in (code.lengths, code.all_lengths, p.weights, p.probabilities, code.alphabet.values):
        with pytest.raises(ValueError, match="read-only"):
            handed[0] = 5
