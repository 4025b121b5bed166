"""A distribution in one argument: 0.5,0.5 or a=0.5,b=0.3,c=0.2."""

from __future__ import annotations

import io
import re
from fractions import Fraction
from typing import Any

from codec.readings.text import text_from_file
from codec.theory.distribution import Distribution

_WEIGHT = re.compile(r"[0-9.]{1,40}(?:[eE][+-]?[0-9]{1,2}|/[0-9]{1,40})?")


def is_inline(name: str) -> bool:
    """Whether a name has the form of a distribution: "=" after a label, or weights with commas between.

    >>> is_inline("0.5, 0.5"), is_inline("a=1"), is_inline("nasa"), is_inline("a,b.csv")
    (True, True, False, False)
    """
    return "=" in name or ("," in name and all(map(_WEIGHT.fullmatch, _parts(name))))


def _parts(text: str) -> list[str]:
    """What stands between the commas; a space behind a comma is for the eye."""
    return text.replace(", ", ",").split(",")


def inline(text: str) -> Distribution:
    """The distribution that a text gives: labels are read as lines of a file are, weights without labels from 0 on.

    Raises
    ------
    ValueError
        For what is no weight, or no distribution.

    Examples
    --------
    >>> inline("0.5,0.5"), inline("a=1/2,b=0.3,c=0.2").weights.tolist(), list(inline("20.5=3,21.0=1").labels)
    (Distribution({0: 0.5, 1: 0.5}, 2 labels), [5, 3, 2], [20.5, 21.0])
    """
    parts = _parts(text)
    labels, signs, numbers = zip(*(part.rpartition("=") for part in parts), strict=True)
    for number in numbers:
        if not _WEIGHT.fullmatch(number):
            raise ValueError(f"{number!r} is no weight: write weights as 0.5,0.5, or with their labels, a=0.5,b=0.5")
    try:
        weights: list[Any] = [Fraction(number) for number in numbers]
    except (ValueError, ZeroDivisionError):
        raise ValueError("a weight is a number, such as 3, 0.5 or 1/2") from None
    if not any(signs):
        return Distribution(range(len(parts)), weights)
    if not all(signs):
        raise ValueError("some of its weights have a label, and some have none")
    lines = "".join(label + "\n" for label in labels).encode("utf-8", "surrogateescape")
    return Distribution(next(text_from_file(io.BytesIO(lines), text).labels()), weights)
