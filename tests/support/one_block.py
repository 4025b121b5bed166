"""One block through an engine, its table made for it alone; and a slow oracle, which reads one bit after the other."""

from __future__ import annotations

from typing import Any

import numpy as np
from bitarray import bitarray
from hypothesis import strategies as st

from codec.codes.lengths import huffman_lengths


def encoded(module: Any, symbols: Any, lengths: Any, lane: int) -> Any:
    """Symbols -> payload and lane bits."""
    return module.encode(symbols, module.prepare_encode(lengths, len(symbols)), lane)


def decoded(module: Any, payload: Any, lane_bits: Any, count: int, lengths: Any, lane: int) -> Any:
    """Payload and lane bits -> symbols."""
    return module.decode(payload, lane_bits, count, module.prepare_decode(lengths, min(count, 1 << 24)), lane)


def words_of(lengths: Any) -> dict[int, str]:
    """The canonical codewords, counted up as RFC 1951 says."""
    words: dict[int, str] = {}
    value, before = 0, 0
    for length, symbol in sorted((int(n), s) for s, n in enumerate(lengths) if n):
        value <<= length - before
        words[symbol] = format(value, f"0{length}b")
        value, before = value + 1, length
    return words


def oracle_encode(symbols: Any, lengths: Any, lane: int) -> tuple[bytes, list[int]]:
    """Payload and lane bits."""
    words = words_of(lengths)
    parts = ["".join(words[s] for s in symbols[at : at + lane].tolist()) for at in range(0, len(symbols), lane)]
    return bitarray("".join(parts)).tobytes(), [len(part) for part in parts]


def oracle_decode(payload: Any, lane_bits: list[int], count: int, lengths: Any, lane: int) -> list[int] | None:
    """Symbols; None if the lanes do not hold what was promised."""
    if len(lane_bits) != -(-count // lane) or min(lane_bits, default=0) < 0 or sum(lane_bits) > 8 * len(payload):
        return None
    symbol_of = {word: symbol for symbol, word in words_of(lengths).items()}
    bits = bitarray()
    bits.frombytes(bytes(payload))
    text, start, symbols = bits.to01(), 0, []
    for number, size in enumerate(lane_bits):
        prefix, found = "", 0
        for bit in text[start : start + size]:
            prefix += bit
            if prefix in symbol_of:
                symbols.append(symbol_of[prefix])
                prefix, found = "", found + 1
            elif len(prefix) == 32:
                return None
        if prefix or found != min(lane, count - number * lane):
            return None
        start += size
    return symbols


@st.composite
def codes(draw: st.DrawFn) -> Any:
    """Code lengths of up to 32 bits: complete, or with holes; some symbols without a codeword."""
    shape = draw(st.sampled_from(["weights", "steep", "splits", "wide", "one"]))
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    if shape == "weights":
        weights = draw(st.lists(st.integers(0, 1000), min_size=2, max_size=40).filter(any))
        lengths = huffman_lengths(np.array(weights), 32)
    elif shape == "steep":  # as long as codewords get
        depth = draw(st.integers(2, 32))
        lengths = np.array([*range(1, depth + 1), depth])
    elif shape == "splits":
        leaves = [1, 1]
        for _ in range(draw(st.integers(0, 300))):
            place = int(random.integers(len(leaves)) if random.random() < 0.5 else np.argmax(leaves))
            if leaves[place] < 32:
                leaves[place : place + 1] = [leaves[place] + 1] * 2
        lengths = random.permutation(leaves)
    elif shape == "wide":  # more than a byte numbers
        lengths = huffman_lengths(random.integers(1, 10 ** draw(st.integers(1, 6)), draw(st.integers(257, 600))))
    else:
        lengths = np.array([draw(st.integers(1, 32))])
    if draw(st.booleans()):  # holes
        lengths = np.where(random.random(len(lengths)) < 0.2, 0, lengths)
        lengths = np.where((random.random(len(lengths)) < 0.2) & (lengths > 0) & (lengths < 32), lengths + 1, lengths)
    if not lengths.any():
        lengths[-1] = 1
    return np.insert(lengths, random.integers(0, len(lengths), draw(st.sampled_from([0, 3, 250]))), 0).astype(np.int64)


def draw_symbols(lengths: Any, count: int, seed: int, ideal: bool) -> Any:
    """Symbols that have a codeword: of the source that the code is ideal for, or all as likely."""
    used = np.flatnonzero(lengths)
    weights = 0.5 ** lengths[used].astype(float) if ideal else np.ones(len(used))
    chosen = np.random.default_rng(seed).choice(used, count, p=weights / weights.sum())
    return chosen.astype(np.uint8 if len(lengths) <= 256 else np.uint16)
