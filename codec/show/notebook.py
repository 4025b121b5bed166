"""Results in a notebook: the tables of the command line as HTML, with a picture where matplotlib is installed."""

from __future__ import annotations

from typing import Any
from zlib import crc32

from codec.codes.prefix import PrefixCode
from codec.measure.audit import Audit
from codec.measure.ledger import Ledger
from codec.show.html import as_html
from codec.show.plain import renderable
from codec.theory.distribution import Distribution


def notebook_html(result: Any) -> str:
    """A result as HTML."""
    return as_html(renderable(result)) + _picture(result)


def _picture(result: Any) -> str:
    try:
        from codec.show.pictures import inline
    except ModuleNotFoundError as error:
        if error.name != "matplotlib":
            raise
        return ""
    figure = _figure(result)
    return "" if figure is None else inline(figure, f"c{crc32(repr(result).encode()):08x}")


def _figure(result: Any) -> Any:
    """The figure that says more than the tables of a result, or None."""
    from codec.show import figures

    if isinstance(result, Distribution):
        return figures.bars(result)
    if isinstance(result, PrefixCode):
        return figures.tree(result)
    if isinstance(result, Ledger):
        return figures.ledger([result])
    if isinstance(result, Audit) and result.break_even_readings is not None:
        return figures.break_even(result)
    return None
