"""An interval code for people: its intervals, and what a simpler belief costs and saves."""

from __future__ import annotations

from rich.console import RenderableType

from codec.codes.intervals import Spread
from codec.codes.prefix import huffman
from codec.errors import counted
from codec.show.console import bits, percent, table, whole
from codec.theory.gaps import shown_spellings


def intervals_table(spread: Spread) -> RenderableType:
    """The intervals: from where to where, how probable, how long their codewords."""
    code, spellings = spread.code, shown_spellings(spread.code.alphabet)
    shares = spread.over.probabilities.tolist()
    rows = []
    starts = spread.starts.tolist()
    for at, stop, p, l, w in zip(
        starts, starts[1:], shares, spread.lengths.tolist(), spread.widths.tolist(), strict=False
    ):
        rows.append((spellings[at], spellings[stop - 1], whole(stop - at), percent(p, 1), str(l), str(w), str(l + w)))
    total = (counted(len(rows), "interval"), "", whole(len(code)), "100 %", "", "", "")
    return table(("from", "to", "labels", "p", "codeword", "+ bits", "= length"), rows, total)


def intervals_split(spread: Spread) -> RenderableType:
    """Mean length = H(p) + D(p||q) + rounding, q being p spread evenly in each interval; and both tables' bits."""
    code, p = spread.code, spread.p
    parts = p.entropy(), spread.divergence, spread.rounding
    mean = code.expected_length(p)
    same = "=" if abs(sum(parts) - mean) < 1e-9 else "≠"
    best = huffman(p)
    plain = f"Huffman's code for each label by itself has {bits(best.expected_length(p))}"
    sizes = 8 * len(code.serialized), 8 * len(best.serialized)
    lines = [
        ("entropy H(p)", bits(parts[0]), "bits per reading"),
        ("D(p‖q)", bits(parts[1]), "the price of believing p spread evenly in each interval"),
        ("rounding", bits(parts[2]), "of the intervals' own Huffman code, to whole bits"),
        (
            "mean length",
            bits(mean),
            f"{same} their sum; {plain}",
        ),
        ("table", whole(sizes[0]), f"bits; with a length for each label {whole(sizes[1])}"),
    ]
    return table(("<", "", "<"), lines)
