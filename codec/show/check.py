"""What is to be said of codewords that someone has written down."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.text import Text

from codec.codes.check import Check
from codec.errors import counted
from codec.show.console import bits, label_text, shortened, table


def check_report(check: Check) -> RenderableType:
    """The verdict first, then its numbers, then the labels."""
    rows = [
        (shortened(label_text(each.spelling)), f"{each.probability:.4f}", each.codeword or "none",
         str(len(each.codeword or "")), str(each.least_length), bits(float(each.loss)))
        for each in check.losses
    ]  # fmt: skip
    numbers = [
        ("prefix property", "yes" if check.prefix_free else "no", _collision(check)),
        ("Kraft sum", str(check.kraft_sum), _kraft(check)),
        ("cost", bits(float(check.cost)), f"bits per symbol; the least is {bits(float(check.least_cost))}, Huffman's"),
    ]
    labels = table(("label", "p", "<codeword", "length", "in a Huffman code", "loss"), rows)
    return Group(Text(_verdict(check)), "", table(("<", "", "<"), numbers), "", labels)


def _verdict(check: Check) -> str:
    if check.optimal:
        verdict = "Right: a prefix code, and none costs less."
    elif not check.prefix_free:
        verdict = "Wrong: no prefix code, so that a row of codewords may be read in two ways."
    elif check.missing:
        verdict = f"Wrong: {counted(len(check.missing), 'label of p has', 'labels of p have')} no codeword."
    else:
        extra = bits(float(check.cost - check.least_cost))
        verdict = f"A prefix code, and not the best: it costs {extra} bits per symbol more than the least."
    if check.unknown:
        verdict += f" Not in p: {', '.join(map(label_text, check.unknown[:8]))}."
    return verdict


def _collision(check: Check) -> str:
    if check.collision is None:
        return "no codeword begins another one"
    first, second = map(label_text, check.collision)
    return f"the codeword of {first} begins that of {second}, or is the same"


def _kraft(check: Check) -> str:
    if check.kraft_sum > 1:
        return "above 1: no prefix code has these lengths"
    return "complete" if check.kraft_sum == 1 else "below 1: some codewords could be shorter"
