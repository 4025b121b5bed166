"""Figures: functions of results that each return a matplotlib figure. `codec.show.pictures` saves them.

One ink draws all lines and letters; a colour stands for a distribution, p first. The colours are those of M. Okabe and
K. Ito (Color Universal Design, 2008), which colour-blind readers tell apart.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from codec.codes.prefix import PrefixCode, huffman
from codec.errors import counted
from codec.measure.audit import Audit
from codec.measure.ledger import PAYLOAD, Ledger
from codec.measure.mismatch import Mismatch
from codec.measure.overhead import OVERHEAD
from codec.measure.random_pairs import Costs
from codec.show.console import bits, label_text, shortened
from codec.theory.distribution import Distribution
from codec.theory.information import entropy

INK = "#24292f"
P, Q = "#0072b2", "#d55e00"
COLOURS = (P, Q, "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#8c6bb1", "#7f7f7f")
MAX_TICKS = 40  # labels written below an axis
MAX_LEAVES = 48  # of a tree, before deep branches are drawn as one
Named = Sequence[tuple[str, Distribution]]


def bars(p: Distribution, others: Named = (), name: str = "p") -> Figure:
    """The probabilities of p, and of other distributions beside it, label by label.

    >>> from codec.theory.sources import built_in
    >>> len(bars(built_in("nasa"), [("winter", built_in("winter"))]).axes[0].patches)
    16
    """
    figure, (axes,) = framed(f"{name} beside {_listed(others)}" if others else f"The distribution {name}")
    shown = [(name, p.probabilities), *((title, p.aligned(q)[1]) for title, q in others)]
    width = 0.8 / len(shown)
    for place, (title, probabilities) in enumerate(shown):
        offset = (place - (len(shown) - 1) / 2) * width
        axes.bar(np.arange(len(p)) + offset, probabilities, width, color=COLOURS[place % 8], label=title)
    _label_axis(axes, p)
    axes.set_ylabel("probability")
    return described(figure, f"Bars of {len(p)} labels: " + ", ".join(title for title, _ in shown), len(shown) > 1)


def lengths(p: Distribution, others: Named = (), name: str = "p") -> Figure:
    """-log2 p of each label beside the length of its codeword, in the code for p and in the codes for others."""
    figure, (axes,) = framed("Ideal lengths and whole bits")
    order = np.argsort(-p.probabilities, kind="stable")
    order = order[p.probabilities[order] > 0]
    sorted_p = Distribution(p.labels.take(order), p.weights[order])
    places = np.arange(len(order))
    many = len(order) > MAX_TICKS
    ideal = -np.log2(sorted_p.probabilities)
    axes.plot(places, ideal, "-" if many else "o", ms=4, lw=2, color=INK, label=f"−log2 {name}", zorder=3)
    for number, (title, q) in enumerate([(name, p), *others]):
        own = huffman(q).lengths_at(sorted_p.labels).astype(float)
        own[own == 0] = np.nan  # no codeword
        how: dict[str, Any] = (
            {"ls": "none", "marker": "._x+"[number % 4], "ms": 4} if many else {"drawstyle": "steps-mid", "lw": 1.8}
        )
        axes.plot(places, own, color=COLOURS[number % 8], label=f"codeword length, code for {title}", **how)
    _label_axis(axes, sorted_p)
    axes.set_ylabel("bits")
    axes.set_ylim(0, axes.get_ylim()[1] + 0.4)
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    return described(figure, "Codeword lengths beside −log2 p, labels in the order of p", True)


def tree(code: PrefixCode, name: str = "the code") -> Figure:
    """The code tree: 0 goes up, 1 goes down; deep branches of a large code are drawn as one leaf."""
    words, spellings = code.codewords, code.alphabet.spellings
    leaves = {
        words[label].to01(): label_text(text)
        for label, text in zip(code.alphabet, spellings, strict=True)
        if label in words
    }
    if code.escape_codeword is not None:
        leaves[code.escape_codeword.to01()] = "(escape)"
    leaves = _folded(leaves)
    deepest = max(map(len, leaves))
    figure, (axes,) = framed(f"Tree of {name}", height=max(2.4, 0.24 * len(leaves) + 0.8))
    rows: dict[str, list[int]] = {}
    for row, word in enumerate(sorted(leaves)):
        for size in range(len(word) + 1):
            rows.setdefault(word[:size], []).append(row)
    place = {prefix: (len(prefix), -(of[0] + of[-1]) / 2) for prefix, of in rows.items()}
    for prefix, (x, y) in place.items():
        if prefix:
            from_x, from_y = place[prefix[:-1]]
            axes.plot([from_x, from_x + 0.45, x], [from_y, y, y], color=INK, lw=0.9)
            axes.text(from_x + 0.5, y, prefix[-1], fontsize=8, va="bottom")
    for word, label in leaves.items():
        axes.text(place[word][0] + 0.08, place[word][1], shortened(label), va="center", fontsize=9)
    axes.set_xlim(-0.1, deepest + 1.2)
    axes.set_ylim(-len(leaves) + 0.3, 0.7)
    axes.set_yticks([])
    axes.set_xlabel("bits")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.spines["left"].set_visible(False)
    return described(figure, f"The code tree of {len(words)} codewords; the longest has {code.lengths.max()} bits")


def kraft(codes: Sequence[tuple[str, PrefixCode]]) -> Figure:
    """The unit interval, of which each codeword takes 2^-length; what no codeword takes stays visible as a hole."""
    figure, (axes,) = framed("What each codeword takes of the unit interval", height=1.3 + 0.75 * len(codes))
    for row, (name, code) in enumerate(codes):
        used = np.flatnonzero(code.lengths)
        order = used[np.lexsort((used, code.lengths[used]))]
        widths = 0.5 ** code.lengths[order]
        starts = np.cumsum(widths) - widths
        colours = [COLOURS[i % 2] for i in range(len(order))]
        axes.barh([-row] * len(order), widths, 0.6, starts, color=colours, alpha=0.75, lw=0)
        for symbol, start, width in zip(order.tolist(), starts.tolist(), widths.tolist(), strict=True):
            label = shortened(label_text(code.alphabet.spellings[symbol]), 8)
            if width > 0.012 * (len(label) + 1):
                axes.text(start + width / 2, -row, label, ha="center", va="center", fontsize=8)
        hole = 1 - float(code.kraft_sum())
        if hole > 0:
            axes.barh([-row], [hole], 0.6, [1 - hole], color="none", edgecolor=INK, hatch="////", lw=0.6)
        axes.text(
            0, -row + 0.36, f"{name}: Kraft sum {code.kraft_sum()}" + (", hatched: unused" if hole else ""), fontsize=9
        )
    axes.set_xlim(0, 1)
    axes.set_ylim(-len(codes) + 0.6, 0.7)
    axes.set_yticks([])
    axes.set_xlabel("2^−length, shortest codewords first")
    axes.spines["left"].set_visible(False)
    return described(figure, "; ".join(f"{name}: Kraft sum {code.kraft_sum()}" for name, code in codes))


def ledger(books: Sequence[Ledger]) -> Figure:
    """Where every bit of some files went, in bits a reading: one bar a file."""
    figure, (axes,) = framed("Where every bit went", height=1.9 + 0.5 * len(books))
    groups: Mapping[str, Sequence[str]] = {
        **{item: (item,) for item in PAYLOAD},
        "table": ("table",),
        "header": ("header",),
        "index, heads, checksums and the rest": [item for item in OVERHEAD if item not in ("table", "header")],
    }
    ends = np.zeros(len(books))
    for colour, (name, items) in zip((P, Q, "#e69f00", "#009e73", "#56b4e9", "#7f7f7f"), groups.items(), strict=True):
        amounts = np.array([max(0.0, sum(book.lines[item] for item in items) / max(1, book.count)) for book in books])
        axes.barh(-np.arange(len(books)), amounts, 0.6, ends, color=colour, label=name)
        ends += amounts
    fixed = books[0].fixed_width
    for row, end in enumerate(ends.tolist()):
        beside = fixed if end < fixed < 1.5 * end else end  # the number keeps clear of the line
        axes.text(beside, -row, f" {bits(end, 2)}", va="center", fontsize=9)
    axes.axvline(fixed, color=INK, ls=":", lw=1.2, label=f"fixed width, {counted(fixed, 'bit')}")
    axes.set_yticks(-np.arange(len(books)), [counted(book.count, "reading") for book in books])
    axes.set_xlim(0, 1.1 * max(ends.max(), books[0].fixed_width))
    axes.set_xlabel("bits a reading")
    return described(figure, "Files of " + ", ".join(f"{book.count:,}" for book in books) + " readings", True)


def scatter(costs: Costs) -> Figure:
    """Random pairs of p and q: what coding with q's code costs, above H(p) and above p's own code, against D(p||q)."""
    figure, (left, right) = framed(f"{len(costs.divergence)} random pairs of p and q", columns=2)
    top = 1.05 * float(costs.divergence.max())
    line = np.array([0, top])
    left.fill_between(line, line, line + 1, color=P, alpha=0.15, lw=0, label="Shannon’s band, [D, D + 1)")
    left.plot(costs.divergence, costs.shannon, ".", ms=4, color=P, label="Shannon’s code for q")
    left.plot(costs.divergence, costs.huffman, "x", ms=4, mew=0.9, color=Q, label="Huffman’s code for q")
    left.set_ylabel("E_p[l_q] − H(p), bits")
    left.set_title("cost above the entropy H(p)", fontsize=10)
    right.plot(costs.divergence, costs.extra, "x", ms=4, mew=0.9, color=Q, label="Huffman’s code for q")
    right.set_ylabel("E_p[l_q] − E_p[l_p], bits")
    right.set_title(f"extra bits above the code for p: {costs.below} of {len(costs.extra)} below the line", fontsize=10)
    for axes in (left, right):
        axes.plot(line, line, color=INK, lw=1, label="y = D(p‖q)")
        axes.set_xlabel("KL prediction D(p‖q), bits")
        axes.set_xlim(0, top)
        axes.legend(fontsize=8, frameon=False, loc="upper left")
    return described(figure, f"{costs.below} of {len(costs.extra)} pairs pay less than D(p‖q) above the code for p")


def blocks(rows: Sequence[Mismatch], name: str = "q") -> Figure:
    """Extra bits of the code for q, and the redundancy of the code for p, with 1, 2, ... readings in a codeword."""
    figure, (left, right) = framed(f"Several readings in a codeword, believing {name}", columns=2)
    k = np.arange(1, len(rows) + 1)
    left.plot(k, [row.expected_extra for row in rows], "o-", color=Q, label="extra bits, exact")
    left.axhline(rows[0].kl_prediction, color=INK, ls="--", lw=1, label="D(p‖q)")
    left.set_ylabel("extra bits a reading")
    right.plot(k, [row.own_expected_length for row in rows], "o-", color=P, label="code for p")
    right.axhline(rows[0].entropy, color=INK, ls="--", lw=1, label="H(p)")
    right.set_ylabel("expected length, bits a reading")
    for axes in (left, right):
        axes.set_xlabel("readings in a codeword")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.legend(fontsize=9, frameon=False)
    left.set_ylim(0)
    return described(figure, f"Extra bits at 1 to {len(rows)} readings in a codeword, on their way to D(p‖q)")


def redundancy(most: int = 3) -> Figure:
    """A source of two letters: the expected length lies between H and H + 1, and blocks bring it towards H."""
    figure, (axes,) = framed("A source of two letters")
    steps = np.arange(500, 1000, 5)
    h = np.array([entropy([step, 1000 - step]) for step in steps])
    axes.fill_between(steps / 1000, h, h + 1, color=INK, alpha=0.1, lw=0, label="between H and H + 1")
    axes.plot(steps / 1000, h, color=INK, lw=1.5, label="H")
    for k in range(1, most + 1):
        tuples = [Distribution("ab", [int(step), int(1000 - step)]).extension(k) for step in steps]
        mean = [huffman(p).expected_length(p) / k for p in tuples]
        axes.plot(
            steps / 1000,
            mean,
            color=COLOURS[k - 1],
            lw=1.5,
            label=f"Huffman, {k} {'letters' if k > 1 else 'letter'} in a codeword",
        )
    axes.set_xlabel("probability of the more frequent letter")
    axes.set_ylabel("bits a letter")
    axes.set_xlim(0.5, 1)
    axes.set_ylim(0, 2.05)
    return described(figure, "Expected length of Huffman codes for a source of two letters", True)


def break_even(report: Audit) -> Figure:
    """Cumulative bits of the old table and of a fresh one, whose own bits are paid first."""
    figure, (axes,) = framed("When a fresh table pays for itself")
    if report.old_mean_length is None:
        raise ValueError("the old table has no codeword for some readings: there is no break-even")
    crossing = report.break_even_readings
    reach = report.count if crossing is None else max(2 * crossing, 10)
    n = np.array([0, reach])
    axes.plot(n, n * report.old_mean_length, color=P, lw=1.8, label="old table")
    axes.plot(
        n, report.table_bits + n * report.fresh_mean_length, color=Q, lw=1.8, label="fresh table, its own bits first"
    )
    if crossing is not None:
        height = crossing * report.old_mean_length
        axes.plot([crossing], [height], "o", color=INK, ms=6)
        axes.annotate(f"{crossing:,} readings", (crossing, height), (8, -14), textcoords="offset points", fontsize=9)
    _thousands(axes)
    axes.set_xlabel("readings")
    axes.set_ylabel("bits in all")
    axes.set_xlim(0)
    axes.set_ylim(0)
    return described(figure, f"The fresh table takes {report.table_bits:,} bits", True)


def drift(report: Audit, fresh: Audit) -> Figure:
    """Bits a reading over time: the old table, a fresh one, and the entropy of each window.

    Parameters
    ----------
    report, fresh : Audit
        Of the same stream and windows, under the old table and under a fresh code.
    """
    figure, (axes,) = framed("Bits a reading over time")
    middles = [window.start + window.count / 2 for window in report.windows]
    axes.plot(middles, _means(report), "o-", ms=4, color=P, label="old table")
    axes.plot(middles, _means(fresh), "s-", ms=4, color=Q, label="fresh table")
    own = [math.nan if w.mean_length is None or w.excess is None else w.mean_length - w.excess for w in report.windows]
    axes.plot(middles, own, color=INK, ls="--", lw=1.2, label="entropy of the window")
    _thousands(axes)
    axes.set_xlabel("readings")
    axes.set_ylabel("bits a reading")
    return described(figure, f"{len(middles)} windows under the old table and a fresh one", True)


# ------------------------------------------------------------------ what the figures share


def framed(title: str, height: float = 3.6, columns: int = 1) -> tuple[Figure, Sequence[Axes]]:
    """A figure with its title, and axes side by side."""
    figure = Figure(figsize=(7.2 if columns == 1 else 9.6, height), layout="constrained")
    figure.suptitle(title, fontsize=12, color=INK)
    found = [figure.add_subplot(1, columns, place + 1) for place in range(columns)]
    for axes in found:
        axes.spines[["top", "right"]].set_visible(False)
        axes.spines[["left", "bottom"]].set_color(INK)
        axes.tick_params(colors=INK, labelsize=9)
        for text in (axes.xaxis.label, axes.yaxis.label, axes.title):
            text.set_color(INK)
        axes.patch.set_alpha(0)
    return figure, found


def described(figure: Figure, description: str, legend: bool = False) -> Figure:
    """Set the description, which goes into the file, and the ink of all letters; a legend stands below the axes."""
    if legend:
        handles, names = figure.axes[0].get_legend_handles_labels()
        figure.legend(handles, names, loc="outside lower center", ncols=min(3, len(names)), frameon=False, fontsize=9)
    figure.set_label(description)
    legends = [*figure.legends, *(axes.legend_ for axes in figure.axes if axes.legend_ is not None)]
    for text in (
        *(text for one in legends for text in one.get_texts()),
        *(t for axes in figure.axes for t in axes.texts),
    ):
        if text.get_color() == "black":
            text.set_color(INK)
    return figure


def _folded(leaves: dict[str, str]) -> dict[str, str]:
    """Codeword -> label, with the branches below some depth folded into a leaf each, if there are too many leaves."""
    for depth in range(max(map(len, leaves)), 0, -1):
        folded: dict[str, list[str]] = {}
        for word, label in leaves.items():
            folded.setdefault(word[:depth], []).append(label)
        if len(folded) <= MAX_LEAVES:
            break
    return {word: of[0] if len(of) == 1 else f"{len(of):,} labels" for word, of in folded.items()}


def _label_axis(axes: Axes, p: Distribution) -> None:
    """Names of labels below the axis: all of a few, else some at even distances."""
    step = -(-len(p) // MAX_TICKS)
    places = np.arange(0, len(p), step)
    names = [shortened(label_text(spelling), 10) for spelling in p.labels.take(places).spellings]
    crowded = sum(map(len, names)) + len(names) > 60
    axes.set_xticks(places, names, rotation=90 if crowded else 0)
    axes.set_xlim(-0.6, len(p) - 0.4)
    axes.set_xlabel("label")


def _thousands(axes: Axes) -> None:
    for axis in (axes.xaxis, axes.yaxis):
        if axis is axes.xaxis or axes.get_ylim()[1] > 100:
            axis.set_major_locator(MaxNLocator(5))
            axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))


def _listed(others: Named) -> str:
    return ", ".join(title for title, _ in others)


def _means(report: Audit) -> list[float]:
    return [math.nan if window.mean_length is None else window.mean_length for window in report.windows]
