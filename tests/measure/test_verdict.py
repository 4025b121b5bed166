"""The verdict of an audit: keep, retrain, moving; and what following it costs, month by month."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import codec
from codec.codes.prefix import PrefixCode, huffman
from codec.measure.retrain import retrained
from codec.theory.distribution import Distribution
from codec.theory.sources import built_in, drifting

RAW = 64  # bits of a raw value in an array


def bits(code: PrefixCode, readings: Any) -> int:
    labels, counts = np.unique(readings, return_counts=True)
    lengths = dict(zip(code.alphabet, code.lengths.tolist(), strict=True))
    costs = [lengths.get(label) or code.escape_length + RAW for label in labels.tolist()]
    return int(counts @ np.array(costs))


def replayed(months: list[Any], first: int, trail: int) -> tuple[int, int]:
    """Bits of all months after the first ones under the table of those; and where each verdict is followed.

    At the end of each month but the last the months before are audited; a retrained table is paid for.
    """
    old = table = huffman(Distribution.from_stream(np.concatenate(months[:first])), None, 1)
    kept = followed = 0
    for now in range(first, len(months)):
        kept, followed = kept + bits(old, months[now]), followed + bits(table, months[now])
        report = codec.audit(np.concatenate(months[max(0, now + 1 - trail) : now + 1]), table)
        if report.verdict == "retrain" and now < len(months) - 1:
            table = retrained(report.distribution, table)
            followed += 8 * len(table.serialized)
    return kept, followed


def daily_temperatures(seed: int) -> list[Any]:
    """Four years of days, month by month, in tenths: a season, and weather that remembers."""
    random = np.random.Generator(np.random.PCG64(seed))
    state, days = 0.0, []
    for day in range(1461):
        state = 0.7 * state + 2.5 * random.standard_normal()
        days.append(round(10 * (16 - 9 * math.cos(2 * math.pi * day / 365.25) + state)))
    return [np.array(days[a : a + 30]) for a in range(0, 1440, 30)]


@pytest.mark.slow
def test_following_the_verdict_of_drifting_sources_costs_no_more_than_keeping_the_old_table() -> None:
    """The sums are of fixed seeds: they are what they are, and no bound of chance is needed."""
    for p, q in (("dyadic", "dyadic-reversed"), ("nasa", "winter"), ("uniform", "peaked")):
        readings, _ = drifting(built_in(p), built_in(q), 24_000, 1)
        kept, followed = replayed(np.split(np.asarray(readings), 24), 3, 6)
        assert followed < kept, (p, kept, followed)


@pytest.mark.slow
def test_following_the_verdict_through_seasons_costs_no_more_than_keeping_the_old_table() -> None:
    kept, followed = np.sum(
        [
            replayed(daily_temperatures(seed), first, trail)
            for seed in range(3)
            for first, trail in ((12, 12), (6, 12), (12, 24), (24, 12))
        ],
        axis=0,
    )
    assert followed <= kept


def test_a_source_whose_halves_differ_is_moving_and_is_said_what_differences_cost_and_since_when() -> None:
    readings = np.concatenate([built_in("nasa").sample(4800, 1), built_in("peaked").sample(4800, 2)])
    report = codec.audit(readings, Distribution([*built_in("nasa").labels], [1] * 8))
    assert report.verdict == "moving" and report.reason.startswith("no one table serves")
    assert f"differences would take {report.memory.ways['delta']:.4f} bits a reading" in report.reason
    report = codec.audit(readings, built_in("nasa"))
    assert report.verdict in ("moving", "retrain") and report.since == 4800


def test_a_season_alone_is_no_reason_to_retrain() -> None:
    """Halves of a year differ, and a table of the whole year fits the whole year."""
    year = np.concatenate([built_in("nasa").sample(5000, 1), built_in("winter").sample(5000, 2)])
    old = huffman(
        Distribution.from_stream(np.concatenate([built_in("nasa").sample(5000, 3), built_in("winter").sample(5000, 4)]))
    )
    report = codec.audit(year, old)
    assert report.held_out.moved[0] > 0 and report.held_out.saved[1] < 0 and report.verdict == "keep"


def test_a_fresh_table_that_is_certainly_worse_is_said_to_be_so() -> None:
    """600 readings of 256 labels: the old table knows the source."""
    report = codec.audit(built_in("geometric").sample(600, 1), built_in("geometric"))
    assert report.verdict == "keep" and "would be worse, by" in report.reason and report.held_out.saved[1] < 0


def test_a_break_even_is_shown_with_its_verdict_alone_and_says_which_extra_it_divides() -> None:
    """An extra of nearly nothing is "as good as new", and no break-even after 1,760,000,003 readings."""
    p = built_in("nasa")
    kept = codec.audit(p.sample(20_000, 1), huffman(Distribution.from_stream(p.sample(20_000, 2))))
    assert kept.verdict == "keep" and not kept.saves
    text = " ".join(str(kept).split())
    assert "breaks even never the old table is as good as new" in text and "breaks even after" not in text
    old = codec.audit(p.sample(20_000, 1), built_in("winter"))
    assert old.verdict == "retrain" and old.saves
    text = " ".join(str(old).split())
    assert f"{old.break_even_readings:,} readings at {old.extra:.4f} extra bits each" in text
