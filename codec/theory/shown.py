"""print() and repr() of a result."""

from __future__ import annotations

from fractions import Fraction
from typing import Any


def shown(result: Any) -> str:
    """The tables of the command line, in their natural width and without colours: `__str__` of a result."""
    from codec.show.plain import plain  # the one import that points to a later layer, and only when something is shown

    return plain(result)


def shown_as_html(result: Any) -> str:
    """The same tables as HTML, with a picture where matplotlib is installed: `_repr_html_` of a result."""
    from codec.show.notebook import notebook_html  # as above

    return notebook_html(result)


def brief(result: Any, *names: str) -> str:
    """A repr of one line: these attributes, numbers that are not whole with four digits.

    >>> brief(Fraction(1, 3), "numerator", "real")
    'Fraction(numerator=1, real=0.3333)'
    """
    values = [getattr(result, name) for name in names]
    texts = [f"{float(value):.4g}" if isinstance(value, (float, Fraction)) else repr(value) for value in values]
    return f"{type(result).__name__}({', '.join(map('='.join, zip(names, texts, strict=True)))})"
