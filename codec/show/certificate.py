"""What can be shown of a code, for people."""

from __future__ import annotations

import math

from rich.console import RenderableType

from codec.codes.certificate import Certificate
from codec.show.console import bits, table


def certificate_table(shown: Certificate) -> RenderableType:
    """A certificate, line by line: what is claimed, the answer, the numbers behind it."""
    best = f"the least is {bits(float(shown.huffman_cost))} bits per reading, Huffman's"
    above = "" if shown.optimal else f"; this code costs {bits(float(shown.cost))}"
    gallager = f"redundancy {bits(shown.redundancy)} ≤ {bits(shown.gallager_bound)}"
    if not shown.gallager_applies:
        gallager = "a bound on the redundancy of optimal codes only"
    lines = [
        ("prefix property", _answer(shown.prefix_free), "every codeword beside its neighbour in lexicographic order"),
        ("Kraft sum at most 1", _answer(shown.kraft_sum <= 1), _kraft(shown)),
        ("optimal for p", _answer(shown.optimal), best + above),
        ("Gallager's bound", "applies" if shown.gallager_applies else "–", gallager),
        ("H ≤ E[l] < H + 1", "holds" if shown.shannon_bound_holds else "broken", _shannon(shown)),
        ("depth of Huffman", str(shown.least_depth), "bits: the longest codeword, as short as in any optimal code"),
    ]
    return table(("<certificate", "<", "<"), lines)


def _answer(holds: bool) -> str:
    return "yes" if holds else "no"


def _kraft(shown: Certificate) -> str:
    missing = 1 - shown.kraft_sum
    return "exactly 1: complete" if not missing else f"{float(missing):.6g} of the codeword space is unused"


def _shannon(shown: Certificate) -> str:
    if math.isinf(shown.cost):
        return "p needs a label that has no codeword"
    numbers = f"{bits(shown.entropy)} ≤ {bits(float(shown.cost))} < {bits(shown.entropy + 1)}"
    if shown.shannon_bound_holds:
        return numbers
    why = "a single label takes its bit" if shown.symbols == 1 else "optimal codes and Shannon's keep it"
    return f"not {numbers}: {why}"
