"""The numbers between those of an alphabet, which smoothing can add so that a new reading has a codeword too."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

import numpy as np

from codec.errors import counted, option
from codec.theory.alphabet import MAX_SYMBOLS, tally
from codec.theory.gaps import gaps_of
from codec.theory.labels import Labels, float_patterns, int_array, objects, spell_step

_NUMBER = re.compile(r" *(?!-0(\.0+)?$)-?(?:0|[1-9]\d{0,18})(?:\.(\d{1,18}))?$")


@dataclass(frozen=True)
class Filling:
    """A filled range: its ends as the user spells them, how many of its numbers were labels before, how many not."""

    low: str
    high: str
    present: int
    added: int

    @property
    def mostly_holes(self) -> bool:
        """Whether more than nine in ten numbers are new: one -999.0 among temperatures is enough for that."""
        return self.added > 9 * self.present

    def __str__(self) -> str:
        occur = counted(self.present, "label occurs", "labels occur")
        return f"from {self.low} to {self.high}, {occur} and {counted(self.added, 'was', 'were')} added"


def fill(labels: Labels) -> tuple[Labels, tuple[Filling, ...]]:
    """An alphabet with all numbers between its numbers, sorted; and which ranges were filled.

    Ints are filled in their step, floats with as many decimals as the longest has; strings that are numbers are
    filled among those of equally many decimals, padded in front with spaces to one width or not at all. Other labels,
    and gaps, stay as they are.

    Raises
    ------
    ValueError
        If a range has more than 65,536 numbers.

    Examples
    --------
    >>> from codec.theory.labels import labels_of
    >>> filled, ranges = fill(labels_of(["-", "20.5", "20.8"]))
    >>> list(filled), str(ranges[0])
    (['-', '20.5', '20.6', '20.7', '20.8'], 'from 20.5 to 20.8, 2 labels occur and 2 were added')
    """
    groups = [group for group in _grids(labels) if group[0]]
    ranges = tuple(_range(ints, step) for ints, step, _ in groups)
    if not groups:
        return labels, ()
    ks = [range(min(ints), max(ints) + 1) for ints, _, _ in groups]
    if labels.kind == "int":
        gaps = sorted(labels.values[gaps_of(labels)].tolist())
        return replace(labels, values=int_array([*ks[0], *gaps])), ranges
    numbers = [
        spell_step(k, step).rjust(width) for every, (_, step, width) in zip(ks, groups, strict=True) for k in every
    ]
    if labels.kind == "float":
        values = np.concatenate([labels.values, float_patterns(np.array([float(x) for x in numbers]))])
    else:
        values = objects([*labels.values.tolist(), *numbers])
    return tally(Labels(labels.kind, values))[0], ranges


def _grids(labels: Labels) -> Iterator[tuple[set[int], Decimal, int]]:
    """Numbers of equally many decimals, as ints; the step; and the width that they are padded to, or 0."""
    if labels.kind == "int":
        yield set(labels.values[~gaps_of(labels)].tolist()), Decimal(labels.step), 0
    elif labels.kind == "float":
        finite = [Decimal(repr(x)).normalize() for x in labels if np.isfinite(x) and (x or not np.signbit(x))]
        places = max((max(0, -int(x.as_tuple().exponent)) for x in finite), default=0)
        yield {int(x.scaleb(places)) for x in finite}, Decimal(1).scaleb(-places), 0
    elif labels.kind == "str":
        found: dict[tuple[int, int], set[int]] = {}
        texts = labels.values.tolist()
        padded = {len(text) for text in texts if text.startswith(" ") and _NUMBER.match(text)}
        for text in texts:
            if match := _NUMBER.match(text):
                width = len(text) if len(text) in padded else 0  # the widest of a padded column have no space
                found.setdefault((len(match[2] or ""), width), set()).add(int(text.replace(".", "")))
        for (places, width), ints in sorted(found.items()):
            yield ints, Decimal(1).scaleb(-places), width


def _range(ints: set[int], step: Decimal) -> Filling:
    low, high = min(ints), max(ints)
    ends = spell_step(low, step), spell_step(high, step)
    if high - low >= MAX_SYMBOLS:
        raise ValueError(
            f"from {ends[0]} to {ends[1]} there are more than {MAX_SYMBOLS:,} labels in steps of {step}: "
            f"too many to smooth; leave out what is far from the others, or round to {option('a wider --step')}"
        )
    return Filling(*ends, len(ints), high - low + 1 - len(ints))
