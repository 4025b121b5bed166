"""The figure of sweep: rate against error."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.figure import Figure

from codec.nodes.sweep import Setting
from codec.show.figures import COLOURS, INK, described, framed


def rate_and_error(settings: Sequence[Setting], size: int, delta: bool) -> Figure:
    """Bits a reading against the error of rounding, a point for each step.

    >>> rate_and_error([Setting("0.5", 0.2, 0.1, 3, 1.5, 1.6, 8, 6.0, 2.0)], 24, True).axes[0].get_ylabel()
    'bits a reading'
    """
    figure, (axes,) = framed("What each step costs, and what it takes")
    errors = [each.rms_error for each in settings]
    rows = [
        ("packets, start and padding included", [each.bits_per_reading for each in settings]),
        ("Huffman code", [each.huffman_mean for each in settings]),
        ("entropy", [each.entropy for each in settings]),
    ]
    for number, (name, values) in enumerate(rows):
        axes.plot(errors, values, "o-", color=COLOURS[number], label=name, ms=5)
    for each, height in zip(settings, rows[0][1], strict=True):
        axes.annotate(each.step, (each.rms_error, height), (4, 6), textcoords="offset points", color=INK, fontsize=9)
    axes.set_xlabel("root of the mean squared error")
    axes.set_ylabel("bits a reading")
    axes.set_ylim(0, 1.1 * max(rows[0][1]))
    steps = ", ".join(each.step for each in settings)
    coded = "differences" if delta else "readings"
    return described(figure, f"Bits a reading of {coded} in packets of {size}, for the steps {steps}", True)
