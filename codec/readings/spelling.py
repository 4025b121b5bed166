"""Numbers of a text whose decimals differ: read as ints k, of k * 10**-d, if one rule gives every spelling back.

1  as Python and pandas write floats: at least one decimal, and no zeros behind it         5.0     4.93
2  zeros at the end are dropped, and with them the point                                    5       4.93
3  numbers of single precision, written out as those of double precision                    5.827000141143799
8 more: with a decimal comma. 8 alone: as many decimals in all, and a comma                 5,0     4,9
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from codec.errors import StreamError
from codec.readings.origin import Closing
from codec.readings.stream import Stream
from codec.theory.floats import MAX_DECIMALS, step_of
from codec.theory.labels import Labels

FIXED, PYTHON, DROPPED, SINGLE, COMMA = 0, 1, 2, 3, 8
RULES = (PYTHON, DROPPED, SINGLE, COMMA | FIXED, COMMA | PYTHON, COMMA | DROPPED, COMMA | SINGLE)
NAMES = {
    PYTHON: "as Python writes floats (5.0, 4.93)",
    DROPPED: "without zeros at the end (5, 4.93)",
    SINGLE: "of single precision, written out in double",
    FIXED: "with as many decimals each",
}
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)([.,][0-9]+)?")
_MOST_DISTINCT = 1 << 20  # tokens; above, nothing is tried
_MOST_BITS = 62


def rule_name(rule: int) -> str:
    """A rule in words."""
    return NAMES[rule & 3] + (", with a decimal comma" if rule & COMMA else "")


def spell(values: Iterable[int], decimals: int, rule: int) -> list[str]:
    """Numbers k * 10**-decimals as a rule spells them.

    >>> spell([5000, 4930, -5], 3, PYTHON), spell([5000, 4930], 3, DROPPED | COMMA), spell([5827], 3, SINGLE)
    (['5.0', '4.93', '-0.005'], ['5', '4,93'], ['5.827000141143799'])
    """
    texts = []
    for value in values:
        if rule & 3 == SINGLE:
            text = repr(float(np.float32(value / 10**decimals)))
        else:
            digits = f"{abs(value):0{decimals + 1}d}"
            whole, parts = digits[: len(digits) - decimals], digits[len(digits) - decimals :]
            if rule & 3 != FIXED:
                parts = parts.rstrip("0") or ("0" if rule & 3 == PYTHON else "")
            text = "-" * (value < 0) + whole + ("." + parts if parts else "")
        texts.append(text.replace(".", ",") if rule & COMMA else text)
    return texts


def respelled(stream: Stream) -> Stream:
    """The same text with numbers for words, if a rule spells them; else the stream itself.

    A note says which rule, or which reading breaks them.

    Parameters
    ----------
    stream : Stream
        Of a text or a column that can be gone through again.
    """
    try:
        tokens = None if _is_fixed(stream) else _distinct(stream)
    except StreamError:  # which the first pass will raise
        return stream
    if not tokens or not all(_NUMBER.fullmatch(token) for token in tokens):
        return stream
    tried = [(rule, numbers) for rule in RULES if (numbers := _values(tokens, rule)) is not None]
    if not tried:
        stream.note(_why_not(stream))
        return stream
    found, (values, decimals) = min(tried, key=lambda one: one[1][1])  # of the fewest decimals
    stream.note(f"{stream.name}: numbers {rule_name(found)}, read in steps of {step_of(decimals)}")
    step = step_of(decimals)

    def pieces() -> Iterator[Labels | Closing]:
        for piece in stream.pieces():
            if isinstance(piece, Labels):
                numbers = np.fromiter((values[token] for token in piece.spellings), np.int64, len(piece))
                piece = Labels("int", numbers, step)
            yield piece

    return replace(stream, origin=replace(stream.origin, spelling=found), pieces=pieces, floats=stream)


def _is_fixed(stream: Stream) -> bool:
    """Whether all readings are numbers of as many decimals, as they are read anyway; or all the same kind of words."""
    steps = set()
    for labels in stream.labels():
        if len(labels) and labels.kind != "int":
            return False
        steps.add(labels.step)
        if len(steps) > 1:
            return False
    return True


def _distinct(stream: Stream) -> dict[str, None] | None:
    """The different tokens, in order; None if there are too many, or a word that is none of a number's."""
    tokens: dict[str, None] = {}
    for labels in stream.labels():
        here = labels.take(np.unique(labels.values, return_index=True)[1]) if labels.kind == "int" else labels
        tokens |= dict.fromkeys(here.spellings)
        if len(tokens) > _MOST_DISTINCT:
            return None
    return tokens


def _values(tokens: Iterable[str], rule: int) -> tuple[dict[str, int], int] | None:
    """The number of each token and their decimals, if the rule spells all; else None."""
    names = list(tokens)
    if any(("," if not rule & COMMA else ".") in name for name in names):
        return None
    texts = [name.replace(",", ".") for name in names]
    if rule & 3 == SINGLE:
        with np.errstate(over="ignore"):
            texts = [_shortest(text) for text in texts]
        if not all(map(_NUMBER.fullmatch, texts)):
            return None
    decimals = max((len(text.partition(".")[2]) for text in texts), default=0)
    if decimals > MAX_DECIMALS:
        return None
    values = [int(Fraction(text) * 10**decimals) for text in texts]
    if max(map(abs, values)).bit_length() > _MOST_BITS or spell(values, decimals, rule) != names:
        return None
    return dict(zip(names, values, strict=True)), decimals


def _shortest(text: str) -> str:
    """The shortest decimal of the single precision number that a text spells."""
    shown = np.format_float_positional(np.float32(text), unique=True, trim="-")
    return "0" if shown == "-0" else shown


def _why_not(stream: Stream) -> str:
    """Which reading breaks the rule that the ones before it keep."""
    left, position = list(RULES), 0
    for labels in stream.labels():
        for offset, token in enumerate(labels.spellings):
            kept = [rule for rule in left if _values([token], rule) is not None]
            if not kept:
                where = f"{stream.name}, {stream.place(position + offset)}: {token}"
                return f"{where} is not written {rule_name(left[0])}, as those before it: numbers are coded as words"
            left = kept
        position += len(labels)
    return f"{stream.name}: no rule spells its numbers: they are coded as words"


def spellings_of(labels: Labels, spelling: int) -> list[str]:
    """Labels as they stand in a text of this rule; their canonical spelling if there is none."""
    if not spelling or labels.kind != "int":
        return labels.spellings
    decimals = 0 if labels.step == "1" else len(labels.step.partition(".")[2])
    return spell(labels.values.tolist(), decimals, spelling)


def in_steps_of(stream: Stream, alphabet: Labels) -> Stream:
    """A respelled stream in the steps of a table, if these are finer; its words for a table of words."""
    if alphabet.kind != "int":
        return stream.floats or stream
    factor = Fraction(_step(stream)) / Fraction(alphabet.step)
    if factor == 1 or factor.denominator != 1:
        return stream

    def pieces() -> Iterator[Labels | Closing]:
        for piece in stream.pieces():
            if isinstance(piece, Labels):
                finer: NDArray[np.int64] = piece.values * int(factor)
                piece = Labels("int", finer, alphabet.step)
            yield piece

    return replace(stream, pieces=pieces)


def _step(stream: Stream) -> str:
    return next((labels.step for labels in stream.labels()), "1")
