"""Numbers of a text whose decimals differ: read as ints k, of k * 10**-d, if one rule gives every spelling back.

1  as Python and pandas write floats: at least one decimal, and no zeros behind it         5.0     4.93
2  zeros at the end are dropped, and with them the point                                    5       4.93
3  numbers of single precision, written out as those of double precision                    5.827000141143799
8 more: with a decimal comma. 8 alone: as many decimals in all, and a comma                 5,0     4,9
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Container, Iterable, Iterator
from dataclasses import replace
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from codec.errors import StreamError, counted
from codec.readings.origin import Closing, Origin
from codec.readings.stream import Stream
from codec.theory.floats import MAX_DECIMALS, step_of
from codec.theory.gaps import GAP, MOST_KINDS, MOST_NUMBER, gaps_in
from codec.theory.labels import Labels, objects

FIXED, PYTHON, DROPPED, SINGLE, COMMA = 0, 1, 2, 3, 8
RULES = (PYTHON, DROPPED, SINGLE, COMMA | FIXED, COMMA | PYTHON, COMMA | DROPPED, COMMA | SINGLE)
NAMES = {
    PYTHON: "as Python writes floats (5.0, 4.93)",
    DROPPED: "without zeros at the end (5, 4.93)",
    SINGLE: "of single precision, written out in double",
    FIXED: "with as many decimals each",
}
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)([.,][0-9]+)?")
_FLOAT = re.compile(r"[-+]?[0-9]+([.,][0-9]*)?([eE][-+]?[0-9]+)?")
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


def respelled(stream: Stream, missing: str | None = None) -> Stream:
    """The same text with numbers for words, if a rule spells them; else the stream itself.

    A note says which rule, or which reading breaks them. If there are gaps, up to 16 kinds and fewer than numbers, the
    numbers with the gaps among them are the stream's `gapped`.

    Parameters
    ----------
    stream : Stream
        Of a text or a column that can be gone through again.
    missing : str, optional
        A number that stands for a gap.
    """
    try:
        step = _only_step(stream)
        if step is not None and missing is None:
            return replace(stream, finer_rule={"1": DROPPED, "0.1": PYTHON}.get(step))
        counts = _counted(stream)
    except StreamError:  # which the first pass will raise
        return stream
    return _numbered(stream, counts, missing) if counts else stream


def _numbered(stream: Stream, counts: Counter[str], missing: str | None) -> Stream:
    gaps = {token: GAP + at for at, token in enumerate(token for token in counts if _is_gap(token, missing))}
    words = [token for token in counts if token not in gaps and not _NUMBER.fullmatch(token)]
    if words or not _may_be_gaps(gaps, counts):
        if any(map(_FLOAT.fullmatch, words)) and 2 * sum(counts[word] for word in words) < counts.total():
            stream.note(_why_not(stream, gaps))
        return stream
    most = MOST_NUMBER if gaps else 1 << _MOST_BITS
    numbers = [token for token in counts if token not in gaps]
    found, decimals, values = _best_rule(numbers, (FIXED, *RULES) if gaps else RULES, most)
    if not values:
        stream.note(_why_not(stream, gaps))
        return stream
    step, values = step_of(decimals), values | gaps
    notes = [f"{stream.name}: numbers {rule_name(found)}, read in steps of {step}"] * bool(found)
    if gaps:
        some = counted(sum(counts[gap] for gap in gaps), "gap")
        notes.append(f"{stream.name}: {some} among the numbers ({', '.join(map(repr, gaps))})")

    def pieces() -> Iterator[Labels | Closing]:
        for piece in stream.pieces():
            if isinstance(piece, Labels):
                units = np.fromiter((values[token] for token in piece.spellings), np.int64, len(piece))
                piece = Labels("int", units, step)
            yield piece
        for note in notes:  # it is not so read where only the first piece is looked at
            stream.note(note)

    origin = replace(stream.origin, spelling=found, gaps=tuple(gaps))
    numbered = replace(stream, origin=origin, pieces=pieces, floats=stream)
    return replace(stream, gapped=numbered) if gaps else numbered


def _may_be_gaps(gaps: dict[str, int], counts: Counter[str]) -> bool:
    """Whether these are few beside the numbers, and short."""
    few = len(gaps) <= MOST_KINDS and 2 * sum(counts[gap] for gap in gaps) < counts.total()
    return few and all(len(gap.encode("utf-8", "surrogateescape")) <= 255 for gap in gaps)


def _best_rule(numbers: list[str], rules: Iterable[int], most: int) -> tuple[int, int, dict[str, int]]:
    """The rule of the fewest decimals that spells all, these decimals, and the numbers; none if no rule does."""
    spelled = ((rule, _values(numbers, rule, most)) for rule in rules)
    tried = [(found[1], rule, found[0]) for rule, found in spelled if found is not None]
    if not tried:
        return FIXED, 0, {}
    decimals, rule, values = min(tried, key=lambda one: one[0])
    return rule, decimals, values


_GAPS = re.compile(r"|[-.?*]{1,3}|#?n/?a|#n/a|-?nan|null|none|nil|m|mm|missing|-0([.,]0*)?", re.IGNORECASE)


def _is_gap(token: str, missing: str | None) -> bool:
    if missing is not None and _NUMBER.fullmatch(token):
        return Fraction(token.replace(",", ".")) == Fraction(missing) or _GAPS.fullmatch(token) is not None
    return _GAPS.fullmatch(token) is not None


def _only_step(stream: Stream) -> str | None:
    """The step of a stream of numbers with as many decimals, as which they are read anyway; None of any other."""
    steps = set()
    for labels in stream.labels():
        if len(labels) and labels.kind != "int":
            return None
        steps |= {labels.step} if len(labels) else set()
        if len(steps) > 1:
            return None
    return steps.pop() if steps else "1"


def _counted(stream: Stream) -> Counter[str] | None:
    """The different tokens, in order, and how often each occurs; None if there are too many."""
    tokens: Counter[str] = Counter()
    for labels in stream.labels():
        if labels.kind == "int":
            distinct, counts = np.unique(labels.values, return_counts=True)
            here = replace(labels, values=distinct)
            tokens.update(dict(zip(here.spellings, counts.tolist(), strict=True)))
        else:
            tokens.update(labels.spellings)
        if len(tokens) > _MOST_DISTINCT:
            return None
    return tokens


def _values(tokens: Iterable[str], rule: int, most: int = 1 << _MOST_BITS) -> tuple[dict[str, int], int] | None:
    """The number of each token and their decimals, if the rule spells all and none reaches `most`; else None."""
    names = list(tokens)
    if not all(map(_NUMBER.fullmatch, names)) or any(("," if not rule & COMMA else ".") in name for name in names):
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
    if max(map(abs, values)) >= most or spell(values, decimals, rule) != names:
        return None
    return dict(zip(names, values, strict=True)), decimals


def _shortest(text: str) -> str:
    """The shortest decimal of the single precision number that a text spells."""
    shown = np.format_float_positional(np.float32(text), unique=True, trim="-")
    return "0" if shown == "-0" else shown


def _why_not(stream: Stream, gaps: Container[str]) -> str:
    """Which reading breaks the rule that the ones before it keep."""
    left, position = [FIXED, *RULES] if gaps else list(RULES), 0
    for labels in stream.labels():
        for offset, token in enumerate(labels.spellings):
            if token in gaps:
                continue
            kept = [rule for rule in left if _values([token], rule) is not None]
            if not kept:
                where = f"{stream.name}, {stream.place(position + offset)}: {token}"
                return f"{where} is not written {rule_name(left[0])}, as those before it: numbers are coded as words"
            left = kept
        position += len(labels)
    return f"{stream.name}: no rule spells its numbers: they are coded as words"


def spellings_of(labels: Labels, origin: Origin) -> list[str]:
    """Labels as they stand in a text from there: gaps, and numbers by its rule of spelling."""
    if labels.kind != "int" or not (origin.spelling or origin.gaps):
        return labels.spellings
    gaps = gaps_in(labels) if origin.gaps else np.zeros(len(labels), np.bool_)
    decimals = 0 if labels.step == "1" else len(labels.step.partition(".")[2])
    texts = objects(spell(labels.values.tolist(), decimals, origin.spelling))
    places = labels.values[gaps].astype(np.int64) - GAP
    texts[gaps] = [origin.gaps[place] if place < len(origin.gaps) else "" for place in places.tolist()]
    return list(texts)


def in_steps_of(stream: Stream, alphabet: Labels) -> Stream:
    """Numbers of a text in the steps of a table, if these are finer; as words if coarser, and for a table of words."""
    if alphabet.kind != "int":
        return stream.floats or stream
    factor = Fraction(_step(stream)) / Fraction(alphabet.step)
    if factor == 1 or (factor.denominator != 1 and stream.origin.gaps):
        return stream
    if factor.denominator != 1:
        return stream.floats or stream
    most = (1 << _MOST_BITS) // int(factor)
    origin = stream.origin if stream.finer_rule is None else replace(stream.origin, spelling=stream.finer_rule)

    def pieces() -> Iterator[Labels | Closing]:
        for piece in stream.pieces():
            if isinstance(piece, Labels):
                if len(piece) and max(map(abs, map(int, (piece.values.min(), piece.values.max())))) >= most:
                    yield piece  # beyond the ints of the table: it has no codeword there
                    continue
                finer: NDArray[np.int64] = piece.values.astype(np.int64) * int(factor)
                if stream.origin.gaps:
                    finer = np.where(gaps_in(piece), piece.values, finer)
                piece = Labels("int", finer, alphabet.step)
            yield piece

    return replace(stream, origin=origin, pieces=pieces)


def _step(stream: Stream) -> str:
    return next((labels.step for labels in stream.labels()), "1")
