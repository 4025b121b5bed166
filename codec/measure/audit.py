"""Is this old table still good enough for this data?"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import repeat
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from codec.codes.prefix import PrefixCode, as_code, huffman
from codec.codes.serialize import MAX_CODE_LENGTH
from codec.coding.learn import as_coded
from codec.coding.steps import transform_of
from codec.coding.symbols import look_up
from codec.errors import StreamError
from codec.measure.held_out import HeldOut, held_out
from codec.measure.memory import MAX_READINGS, Memory, memory
from codec.measure.periods import periods_of
from codec.measure.sampling import learning_cost, too_short
from codec.measure.split import Culprit, culprits_of, split
from codec.measure.verdict import moving_since, verdict_on
from codec.measure.ways import ways
from codec.measure.windows import Window, changed_at, mean_length, usual_size, windows_of
from codec.readings.floats import in_kind_of
from codec.readings.stream import Stream, first_symbols, tally_stream
from codec.readings.values import from_values
from codec.theory.alphabet import find
from codec.theory.distribution import Distribution
from codec.theory.foreign import in_chunks
from codec.theory.gaps import gaps_in, shown_spellings
from codec.theory.labels import Labels
from codec.theory.shown import brief, shown, shown_as_html

MAX_PER_DAY = 10**18


@dataclass(frozen=True)
class Audit:
    """What an old table costs on a stream. Lengths in bits per reading; None stands for what does not exist.

    Attributes
    ----------
    count, unseen : int
        Readings, and those without a codeword of their own.
    gaps : int
        Readings that are no numbers, where the table is of numbers. They are not in `entropy`.
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
    held_out : HeldOut or None
        The same, also of codes learned on every other 30th of the stream, and what the verdict is made of.
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
        Readings after which a fresh table has earned its bits, table_bits / extra; None if never.
    per_day, break_even_days, bytes_per_day : float or None
    windows : tuple of Window
    since : int or None
        Where the windows begin that are dearer, or cheaper, than those before; None for "keep".
    saves : bool
        Whether a fresh table is certain to save some bits (95 %): the break-even belongs to that.
    memory : Memory or None
        What a reading tells of the next, over at most the first 2^20; None for a single reading. Part of no sum.
    verdict : str
        "keep" (a fresh table is no better, or worse), "retrain", or "moving" (no one table serves).
    reason : str
    distribution : Distribution
        Of the stream.
    coded : str
        What the table is of: "readings", or "differences" and so on, of which all figures then are.
    """

    count: int
    unseen: int
    gaps: int
    first_unseen: str | None
    entropy: float
    entropy_underestimated: bool
    old_mean_length: float | None
    fresh_mean_length: float
    fresh_held_out_mean_length: float | None
    extra: float | None
    extra_interval: tuple[float, float] | None
    held_out: HeldOut | None
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
    since: int | None
    saves: bool
    memory: Memory | None
    verdict: str
    reason: str
    distribution: Distribution
    coded: str

    __str__ = shown
    _repr_html_ = shown_as_html

    def __repr__(self) -> str:
        return brief(self, "verdict", "count", "unseen", "old_mean_length", "fresh_mean_length", "extra")


def audit(
    stream: Any,
    code: PrefixCode | Distribution,
    *,
    window: int | None = None,
    times: Any = None,
    every: str = "month",
    per_day: int | None = None,
) -> Audit:
    """Say what coding this stream with this table costs, why, since when, and whether a new table would pay.

    A table of differences, ranks or residuals is audited on those of the stream: they are then what counts as readings.

    Parameters
    ----------
    stream : array_like, bytes or str; or an array of Dask or Zarr
        What an array in chunks gives is a `codec.arrays.measure.ArrayAudit`, which knows no windows.
    code : PrefixCode or Distribution (or a mapping label -> weight)
        The old table.
    window : int, optional
        Readings in a window of time; by default a 24th of the stream, or as many of these as hold ten readings for
        each of their labels.
    times : array_like, optional
        A date for each reading, in order: windows are then days, weeks, months or years.
    every : str
        "day", "week", "month" or "year".
    per_day : int, optional
        Readings per day, to tell the break-even in days.

    Raises
    ------
    StreamError
        If the stream is empty.
    TypeError
        If the code is neither a PrefixCode nor a Distribution.

    Examples
    --------
    >>> old = huffman(Distribution("ab", [1, 1]))
    >>> report = audit("abab" * 100, old)
    >>> report.extra, report.break_even_readings, report.verdict
    (0.0, None, 'keep')
    """
    if in_chunks(stream):
        from codec.arrays.measure import audit as of_chunks

        if (window, times, per_day) != (None, None, None):
            raise ValueError("window, times and per_day are for a stream in order, and not for an array in chunks")
        return cast("Audit", of_chunks(stream, code))  # which says as much of each chunk
    old = as_code(code)
    readings = stream if isinstance(stream, Stream) else from_values(stream)
    if readings.gapped is not None and readings.origin.kind != "array" and old.singles.kind == "int":
        # A file escapes gaps that its table does not know as words: their price is the file's.
        readings = readings if old.escape_length else readings.gapped
    readings = in_kind_of(readings, old.alphabet.source)
    has_gaps = bool(readings.origin.gaps)
    readings = as_coded(readings, old)
    labels, counts = tally_stream(readings)
    if not len(labels):
        raise StreamError(f"{readings.name} is empty: there is nothing to audit")
    _check_numbers(window, per_day)
    p = Distribution(labels, counts)
    count = int(counts.sum())
    periods: Iterable[tuple[str | None, int]]
    if times is None:
        periods = repeat((None, window or usual_size(readings, labels, count)))
    else:
        periods = periods_of(times if isinstance(times, Stream) else from_values(np.asarray(times).astype(str)), every)
        if sum(size for _, size in periods) != count:
            raise ValueError(f"there are {count:,} readings, and another number of times: one for each reading")
    gaps = gaps_in(labels) if has_gaps else np.zeros(len(labels), np.bool_)
    fresh = huffman(p, MAX_CODE_LENGTH)
    symbols, unknown = look_up(old, labels, readings.origin)
    own = old.lengths.take(symbols, mode="clip") if len(old) else np.zeros(len(labels), np.int64)
    own = own if unknown is None else np.where(unknown, 0, own)
    costs = np.where(own > 0, own, old.costs_at(labels, readings.origin.is_lines))
    unseen = own == 0
    finite = bool((costs > 0).all())
    fresh_mean = mean_length(counts, fresh.lengths)
    old_mean = mean_length(counts, costs) if finite else None
    extra = None if old_mean is None else old_mean - fresh_mean
    lost = int(np.count_nonzero(old.lengths)) - int(np.count_nonzero(own)) if old.escape_length else None
    found = held_out(readings, p, costs if finite else None, ~unseen, lost)
    table_bits = 8 * len(fresh.serialized)
    windows = tuple(windows_of(readings, labels, costs, unseen, periods))
    remembered = _memory(readings, labels)
    verdict, reason, saves = verdict_on(count, 0 if finite else int(counts[unseen].sum()), found, table_bits)
    break_even = math.ceil(table_bits / extra) if extra is not None and extra * count > 1e-9 else None
    since = changed_at(windows) if verdict != "keep" else None
    if verdict == "moving":
        reason += moving_since(since, remembered)
    return Audit(
        count=count,
        unseen=int(counts[unseen].sum()),
        gaps=int(counts[gaps].sum()),
        first_unseen=_first(readings, labels, unseen, bool(gaps.any())),
        entropy=p.entropy() if not gaps.any() else Distribution(labels.take(~gaps), counts[~gaps]).entropy(),
        entropy_underestimated=too_short(len(labels), count),
        old_mean_length=old_mean,
        fresh_mean_length=fresh_mean,
        fresh_held_out_mean_length=None if found is None else found.halves,
        extra=extra,
        extra_interval=None if found is None else found.saved,
        held_out=found,
        split=split(p, old, own, costs, fresh_mean) if finite else None,
        covered=None if finite else _covered(counts, costs),
        learning_cost_predicted=learning_cost(len(labels), max(1, count // 2)),
        learning_cost_measured=None if found is None else found.halves - fresh_mean,
        culprits=culprits_of(p, costs, fresh),
        table_bits=table_bits,
        break_even_readings=break_even,
        per_day=per_day,
        break_even_days=break_even / per_day if break_even is not None and per_day is not None else None,
        bytes_per_day=extra * per_day / 8 if extra is not None and per_day is not None else None,
        windows=windows,
        since=None if since is None else since.start,
        saves=saves,
        memory=remembered,
        verdict=verdict,
        reason=reason,
        distribution=p,
        coded=transform_of(old).plural,
    )


def _check_numbers(window: int | None, per_day: int | None) -> None:
    for name, value in (("window", window), ("per_day", per_day)):
        if value is not None and value < 1:
            raise ValueError(f"{name} is a number of readings, at least 1, not {value}")
    if per_day is not None and per_day > MAX_PER_DAY:
        raise ValueError(f"per_day is a number of readings, at most {MAX_PER_DAY:,}")


def _covered(counts: NDArray[np.int64], costs: NDArray[np.int64]) -> dict[str, Any]:
    seen = costs > 0
    if not seen.any():
        return {"count": 0, "old_mean_length": None, "fresh_mean_length": None}
    fresh = huffman(Distribution(range(int(seen.sum())), counts[seen]))
    return {
        "count": int(counts[seen].sum()),
        "old_mean_length": mean_length(counts[seen], costs[seen]),
        "fresh_mean_length": mean_length(counts[seen], fresh.lengths),
    }


def _first(stream: Stream, alphabet: Labels, wanted: NDArray[np.bool_], has_gaps: bool) -> str | None:
    """The spelling of the first reading that is among the labels wanted."""
    for piece in stream.labels() if wanted.any() else ():
        here = wanted[find(alphabet, piece, stream.origin.is_lines)[0]]
        if here.any():
            found = piece.take(np.array([here.argmax()]))
            return (shown_spellings(found) if has_gaps else found.spellings)[0]
    return None


def _memory(stream: Stream, alphabet: Labels) -> Memory | None:
    """The memory of the start of the stream, and what other ways of coding would make of it."""
    symbols = first_symbols(stream, alphabet, MAX_READINGS)
    found = memory(symbols)
    if found is None or alphabet.of is not None:
        return found
    return replace(found, ways=ways(alphabet.take(symbols), stream.origin))
