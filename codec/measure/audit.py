"""Is this old table still good enough for this data?

With p the stream's own distribution, the extra bits of the old code over a fresh Huffman code split exactly:

    shape                   D(p' || r given S')     how the readings differ from what the table was made for
    codewords never used    log2 1 / r(S')          codewords kept for readings that do not come
    holes                   log2 1 / K              prefixes that no codeword uses
    escapes                 p'(escape) (raw - H(U)) raw values, above what the unseen readings are worth
    - fresh redundancy      -(E_p[l_fresh] - H(p))  the fresh code rounds to whole bits too

p' is p with the unseen readings lumped into the escape, S' its support, r = 2^-l / K over all codewords of the old
table, U the distribution of the unseen readings, raw the mean bits of a raw value.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from codec.codes.prefix import PrefixCode, as_code, huffman
from codec.codes.serialize import MAX_CODE_LENGTH
from codec.errors import StreamError
from codec.measure.memory import MAX_READINGS, Memory, memory
from codec.measure.mismatch import BATCHES, LEAST_READINGS
from codec.measure.sampling import learning_cost, miller_madow, too_short
from codec.readings.stream import Stream, tally_stream
from codec.readings.values import from_values
from codec.theory.alphabet import find
from codec.theory.distribution import Distribution
from codec.theory.information import entropy
from codec.theory.labels import Labels

WINDOWS = 24  # unless told otherwise
MOST_PER_DAY = 10**18
_T_95 = 2.045  # Student's t for 95 %, two sides, 29 degrees of freedom


@dataclass(frozen=True)
class Window:
    """A stretch of the stream under the old table.

    Attributes
    ----------
    start, count, unseen : int
    mean_length : float or None
        Under the old table; None if a reading has no codeword.
    excess : float or None
        mean_length less the entropy of the window (Miller-Madow); None where there is no mean length.
    too_short : bool
        Whether it has fewer than ten readings per symbol, so that its entropy is an underestimate.
    """

    start: int
    count: int
    unseen: int
    mean_length: float | None
    excess: float | None
    too_short: bool


@dataclass(frozen=True)
class Culprit:
    """A reading and its part in the extra bits: p (l_old - l_fresh) bits per reading of the stream."""

    label: Any
    spelling: str
    probability: float
    old_length: int
    fresh_length: int
    bits: float


@dataclass(frozen=True)
class Audit:
    """What an old table costs on a stream. Lengths in bits per reading; None stands for what does not exist.

    Attributes
    ----------
    count, unseen : int
        Readings, and those without a codeword of their own.
    first_unseen : str or None
        The first of them in the stream.
    entropy : float
        Of the stream's own distribution.
    entropy_underestimated : bool
        Whether there are fewer than ten readings per symbol.
    old_mean_length, fresh_mean_length, fresh_held_out_mean_length : float or None
        Under the old table; under the stream's own Huffman code; under codes learned (add-½) on the other half, which
        have an escape if the old table has one.
    extra : float or None
        old_mean_length - fresh_mean_length.
    extra_interval : (float, float) or None
        95 % of old_mean_length - fresh_held_out_mean_length, from 30 batch means; None below 300 readings.
    split : tuple of (item, bits) or None
        Sums to `extra`.
    covered : dict or None
        If readings have neither a codeword nor an escape: count, old_mean_length and fresh_mean_length of the others.
    learning_cost_predicted, learning_cost_measured : float
        Of learning from one half: for an ideal code, and for the Huffman codes of this audit.
    culprits : tuple of Culprit
        All labels, the dearest first.
    table_bits : int
    break_even_readings : int or None
        Readings after which a fresh table has earned its bits; None if never.
    per_day, break_even_days, bytes_per_day : float or None
    windows : tuple of Window
    memory : Memory or None
        What a reading tells of the next, over at most the first 2^20; None for a single reading. Part of no sum.
    verdict : str
        "keep" or "retrain".
    reason : str
    distribution : Distribution
        Of the stream.
    """

    count: int
    unseen: int
    first_unseen: str | None
    entropy: float
    entropy_underestimated: bool
    old_mean_length: float | None
    fresh_mean_length: float
    fresh_held_out_mean_length: float | None
    extra: float | None
    extra_interval: tuple[float, float] | None
    split: tuple[tuple[str, float], ...] | None
    covered: dict[str, Any] | None
    learning_cost_predicted: float
    learning_cost_measured: float | None
    culprits: tuple[Culprit, ...]
    table_bits: int
    break_even_readings: int | None
    per_day: int | None
    break_even_days: float | None
    bytes_per_day: float | None
    windows: tuple[Window, ...]
    memory: Memory | None
    verdict: str
    reason: str
    distribution: Distribution

    def to_json(self) -> dict[str, Any]:
        """The audit under stable keys, numbers unrounded."""
        fields = {key: value for key, value in vars(self).items() if key != "distribution"}
        fields["split"] = self.split and [{"item": item, "bits": bits} for item, bits in self.split]
        fields["extra_interval"] = self.extra_interval and list(self.extra_interval)
        fields["culprits"] = [_json_culprit(culprit) for culprit in self.culprits]
        fields["windows"] = [vars(window) for window in self.windows]
        fields["memory"] = self.memory and self.memory.to_json()
        return fields


def _json_culprit(culprit: Culprit) -> dict[str, Any]:
    return {key: value for key, value in vars(culprit).items() if key != "label"}


def audit(
    stream: Any, code: PrefixCode | Distribution, *, window: int | None = None, per_day: int | None = None
) -> Audit:
    """Say what coding this stream with this table costs, why, since when, and whether a new table would pay.

    Parameters
    ----------
    stream : array_like, bytes or str
    code : PrefixCode or Distribution
        The old table.
    window : int, optional
        Readings in a window of time; by default a 24th of the stream.
    per_day : int, optional
        Readings per day, to tell the break-even in days.

    Raises
    ------
    StreamError
        If the stream is empty.

    Examples
    --------
    >>> old = huffman(Distribution("ab", [1, 1]))
    >>> report = audit("abab" * 100, old)
    >>> report.extra, report.break_even_readings, report.verdict
    (0.0, None, 'keep')
    """
    readings = stream if isinstance(stream, Stream) else from_values(stream)
    old = as_code(code)
    labels, counts = tally_stream(readings)
    if not len(labels):
        raise StreamError(f"{readings.name} is empty: there is nothing to audit")
    for name, value in (("window", window), ("per_day", per_day)):
        if value is not None and value < 1:
            raise ValueError(f"{name} is a number of readings, at least 1, not {value}")
    if per_day is not None and per_day > MOST_PER_DAY:
        raise ValueError(f"per_day is a number of readings, at most {MOST_PER_DAY:,}")
    p = Distribution(labels, counts)
    count = int(counts.sum())
    fresh = huffman(p, MAX_CODE_LENGTH)
    own = old.lengths_at(labels, readings.origin.is_lines)
    costs = old.costs_at(labels, readings.origin.is_lines)
    unseen = own == 0
    finite = bool((costs > 0).all())
    fresh_mean = _mean(counts, fresh.lengths)
    old_mean = _mean(counts, costs) if finite else None
    extra = None if old_mean is None else old_mean - fresh_mean
    held_out, interval = _held_out(readings, p, costs if finite else None, count, bool(old.escape_length))
    table_bits = 8 * len(fresh.serialized)
    break_even = math.ceil(table_bits / extra) if extra is not None and extra * count > 1e-9 else None
    verdict, reason = _verdict(count, int(counts[unseen].sum()), finite, interval, break_even)
    return Audit(
        count=count,
        unseen=int(counts[unseen].sum()),
        first_unseen=_first(readings, labels, unseen),
        entropy=p.entropy(),
        entropy_underestimated=too_short(len(labels), count),
        old_mean_length=old_mean,
        fresh_mean_length=fresh_mean,
        fresh_held_out_mean_length=held_out,
        extra=extra,
        extra_interval=interval,
        split=_split(p, old, own, costs, fresh_mean) if finite else None,
        covered=None if finite else _covered(counts, costs),
        learning_cost_predicted=learning_cost(len(labels), max(1, count // 2)),
        learning_cost_measured=None if held_out is None else held_out - fresh_mean,
        culprits=_culprits(p, costs, fresh),
        table_bits=table_bits,
        break_even_readings=break_even,
        per_day=per_day,
        break_even_days=break_even / per_day if break_even is not None and per_day is not None else None,
        bytes_per_day=extra * per_day / 8 if extra is not None and per_day is not None else None,
        windows=tuple(_windows(readings, labels, costs, unseen, window or max(1, -(-count // WINDOWS)))),
        memory=memory(_first_symbols(readings, labels)),
        verdict=verdict,
        reason=reason,
        distribution=p,
    )


def _mean(counts: NDArray[np.int64], lengths: NDArray[np.int64]) -> float:
    return int(counts @ lengths) / int(counts.sum())


def _covered(counts: NDArray[np.int64], costs: NDArray[np.int64]) -> dict[str, Any]:
    seen = costs > 0
    if not seen.any():
        return {"count": 0, "old_mean_length": None, "fresh_mean_length": None}
    fresh = huffman(Distribution(range(int(seen.sum())), counts[seen]))
    return {
        "count": int(counts[seen].sum()),
        "old_mean_length": _mean(counts[seen], costs[seen]),
        "fresh_mean_length": _mean(counts[seen], fresh.lengths),
    }


def _split(
    p: Distribution, old: PrefixCode, own: NDArray[np.int64], costs: NDArray[np.int64], fresh_mean: float
) -> tuple[tuple[str, float], ...]:
    probabilities, unseen = p.probabilities, own == 0
    kraft = old.kraft_sum()
    lengths, lumped = own[~unseen], probabilities[~unseen]
    escape_share = float(probabilities[unseen].sum())
    escapes = 0.0
    if escape_share:
        lengths, lumped = np.append(lengths, old.escape_length), np.append(lumped, escape_share)
        raw = float(probabilities[unseen] @ (costs[unseen] - old.escape_length)) / escape_share
        escapes = escape_share * (raw - entropy(probabilities[unseen]))
    used = np.exp2(-lengths.astype(np.float64)) / float(kraft)  # r on S'
    shape = float((lumped * np.log2(lumped * used.sum() / used)).sum())
    return (
        ("shape", shape),
        ("codewords never used", -math.log2(used.sum()) + 0.0),
        ("holes", -math.log2(float(kraft)) + 0.0),
        ("escapes", escapes),
        ("the fresh code's own redundancy", p.entropy() - fresh_mean),
    )


def _culprits(p: Distribution, costs: NDArray[np.int64], fresh: PrefixCode) -> tuple[Culprit, ...]:
    parts = p.probabilities * (costs - fresh.lengths)
    order = np.argsort(-parts, kind="stable").tolist()
    labels, spellings = list(p.labels), p.labels.spellings
    return tuple(
        Culprit(
            labels[i], spellings[i], float(p.probabilities[i]), int(costs[i]), int(fresh.lengths[i]), float(parts[i])
        )
        for i in order
        if costs[i]
    )


def _first(stream: Stream, alphabet: Labels, wanted: NDArray[np.bool_]) -> str | None:
    """The spelling of the first reading that is among the labels wanted."""
    for piece in stream.labels() if wanted.any() else ():
        here = wanted[find(alphabet, piece, stream.origin.is_lines)[0]]
        if here.any():
            return piece.take(np.array([here.argmax()])).spellings[0]
    return None


def _first_symbols(stream: Stream, alphabet: Labels) -> NDArray[Any]:
    """As many symbols from the start of the stream as its memory is measured on."""
    parts: list[NDArray[Any]] = []
    missing = MAX_READINGS
    for piece in stream.labels():
        parts.append(find(alphabet, piece, stream.origin.is_lines)[0][:missing])
        missing -= len(parts[-1])
        if not missing:
            break
    return np.concatenate(parts)


def _counts_by(stream: Stream, alphabet: Labels, size: int) -> Iterator[NDArray[np.int64]]:
    """How often each label occurs in each stretch of `size` readings; the last may be shorter."""
    counts, filled = np.zeros(len(alphabet), np.int64), 0
    for piece in stream.labels():
        symbols, _ = find(alphabet, piece, stream.origin.is_lines)
        while len(symbols):
            part = symbols[: size - filled]
            counts += np.bincount(part, minlength=len(alphabet))
            filled += len(part)
            symbols = symbols[len(part) :]
            if filled == size:
                yield counts
                counts, filled = np.zeros(len(alphabet), np.int64), 0
    if filled:
        yield counts


def _held_out(
    stream: Stream, p: Distribution, costs: NDArray[np.int64] | None, count: int, escape: bool
) -> tuple[float | None, tuple[float, float] | None]:
    """Mean length under codes learned on the other half, and 95 % of what the old code costs above them."""
    if count < LEAST_READINGS:
        return None, None
    batches = np.array(list(_counts_by(stream, p.labels, count // BATCHES)))
    halves = batches[: BATCHES // 2], batches[BATCHES // 2 :]
    # A half of n readings and m labels, ½ added to each: as integers, 2 n_i + 1.
    # An escape weighs 1, as in the table that `codec audit --retrain` writes.
    learned = [
        huffman(Distribution(p.labels, 2 * half.sum(axis=0) + 1), MAX_CODE_LENGTH, 2 if escape else None).lengths
        for half in halves
    ]
    bits = np.concatenate([halves[0] @ learned[1], halves[1] @ learned[0]])
    if costs is None:
        return int(bits.sum()) / count, None
    differences = (batches @ costs - bits)[:BATCHES] / (count // BATCHES)
    center, error = float(differences.mean()), float(differences.std(ddof=1)) / math.sqrt(BATCHES)
    return int(bits.sum()) / count, (center - _T_95 * error, center + _T_95 * error)


def _windows(
    stream: Stream, labels: Labels, costs: NDArray[np.int64], unseen: NDArray[np.bool_], size: int
) -> Iterator[Window]:
    start = 0
    for counts in _counts_by(stream, labels, size):
        count, seen = int(counts.sum()), counts > 0
        mean = _mean(counts, costs) if (costs[seen] > 0).all() else None
        excess = None if mean is None else mean - miller_madow(counts)
        yield Window(
            start, count, int(counts[unseen].sum()), mean, excess, too_short(int(np.count_nonzero(counts)), count)
        )
        start += count


def _verdict(
    count: int, unseen: int, finite: bool, interval: tuple[float, float] | None, break_even: int | None
) -> tuple[str, str]:
    if not finite:
        return "retrain", f"the table cannot code {unseen:,} of these {count:,} readings at all"
    if interval is None:
        return "keep", f"{count:,} readings are too few to tell; it takes {LEAST_READINGS}"
    low, high = interval
    if low <= 0:
        return "keep", (
            f"a table learned on other readings would save {low:.4f} to {high:.4f} bits per reading (95 %): "
            "that may be nothing"
        )
    saving = f"a fresh table saves {low:.4f} to {high:.4f} bits per reading (95 %), held out"
    if break_even is None or break_even > count:
        return "keep", f"{saving}, and yet would not earn its own bits within a stream as long as this"
    return "retrain", f"{saving}, and has earned its own bits after {break_even:,} readings"
