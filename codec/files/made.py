"""What a table was made with, kept beside it so that a fresh one can be made in the same way."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from codec.codes.constructions import NAMES
from codec.errors import TableError


@dataclass(frozen=True)
class Made:
    """The options of `codec table` that a code was made with.

    Attributes
    ----------
    construction : str
    max_length : int or None
    smooth : Fraction or None
        Added to each weight.
    escape : Fraction or None
        The weight of the escape, in readings.
    intervals : bool
    """

    construction: str = NAMES[0]
    max_length: int | None = None
    smooth: Fraction | None = None
    escape: Fraction | None = None
    intervals: bool = False


def made_fields(made: Made) -> dict[str, Any]:
    """As JSON: what differs from the usual, fractions as text.

    >>> made_fields(Made(smooth=Fraction(1, 2), max_length=12))
    {'max_length': 12, 'smooth': '1/2'}
    """
    usual = vars(Made())
    fields = {key: value for key, value in vars(made).items() if value != usual[key]}
    return {key: str(value) if isinstance(value, Fraction) else value for key, value in fields.items()}


def made_from(fields: Any) -> Made:
    """The inverse of `made_fields`; TableError for anything else."""
    if not isinstance(fields, dict) or not set(fields) <= set(vars(Made())):
        raise TableError(f'"made_with" is an object with some of {", ".join(vars(Made()))}')
    values = dict(fields)
    for key in ("smooth", "escape"):
        if key in values:
            values[key] = _weight(key, values[key])
    if "max_length" in values and (type(values["max_length"]) is not int or not 1 <= values["max_length"] <= 1 << 16):
        raise TableError('"max_length" of "made_with" is a number of bits')
    if type(values.get("intervals", False)) is not bool:
        raise TableError('"intervals" of "made_with" is true or false')
    if values.get("construction", NAMES[0]) not in NAMES:
        raise TableError(f'"construction" of "made_with" is one of {", ".join(NAMES)}')
    return Made(**values)


def _weight(key: str, text: Any) -> Fraction:
    try:
        weight = Fraction(text) if isinstance(text, str) and len(text) <= 40 and "e" not in text.lower() else None
    except (ValueError, ZeroDivisionError):
        weight = None
    if weight is None or weight <= 0:
        raise TableError(f'"{key}" of "made_with" is a positive number in a string, not {text!r}')
    return weight
