"""Figures as files. An SVG keeps its text, says what it shows, and follows the light or dark of the page around it."""

from __future__ import annotations

import io
from html import escape

import matplotlib
from matplotlib.figure import Figure

from codec.show.figures import INK

FORMATS = ("svg", "png", "pdf")
_STYLE = f".codec-figure{{color:{INK}}}@media(prefers-color-scheme:dark){{.codec-figure{{color:#e6e9ec}}}}"


def picture(figure: Figure, form: str) -> bytes:
    """A figure as the bytes of an "svg", "png" or "pdf" file, the same bytes each time.

    >>> from codec.show.figures import redundancy
    >>> text = picture(redundancy(1), "svg").decode()
    >>> "<title>A source of two letters</title>" in text, "currentColor" in text, "H + 1</text>" in text
    (True, True, True)
    """
    if form not in FORMATS:
        raise ValueError(f"a figure is saved as {', '.join(FORMATS)}, not as {form!r}")
    out = io.BytesIO()
    dates = {"svg": {"Date": None}, "png": {}, "pdf": {"CreationDate": None}}[form]
    with matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": "codec"}):
        figure.savefig(out, format=form, dpi=160, metadata=dates, facecolor="none" if form == "svg" else "white")
    return _adaptive(out.getvalue().decode(), figure).encode() if form == "svg" else out.getvalue()


def _adaptive(svg: str, figure: Figure) -> str:
    """Give the drawing a title, a description, and an ink that follows the colour scheme."""
    svg = svg.replace("<svg ", '<svg class="codec-figure" ', 1)
    start = svg.index(">", svg.index("<svg")) + 1
    about = f"<title>{escape(figure.get_suptitle())}</title><desc>{escape(str(figure.get_label()))}</desc>"
    return svg[:start] + about + f"<style>{_STYLE}</style>" + svg[start:].replace(INK, "currentColor")


def inline(figure: Figure, prefix: str) -> str:
    """A figure as a part of an HTML page, its names made different from those of other figures there."""
    svg = picture(figure, "svg").decode()
    svg = svg[svg.index("<svg") :]
    for mark in ('id="', "url(#", 'href="#'):
        svg = svg.replace(mark, f"{mark}{prefix}-")
    return f"<figure>{svg}</figure>"
