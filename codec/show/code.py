"""A code for people: its codewords, its tree, its totals."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from rich.console import Group, RenderableType
from rich.text import Text
from rich.tree import Tree

from codec.codes.canonical import canonical_codewords
from codec.codes.prefix import PrefixCode, huffman
from codec.coding.steps import transform_of
from codec.errors import counted
from codec.measure.ledger import fixed_width
from codec.show.console import bits, label_text, percent, shortened, table
from codec.theory.distribution import Distribution
from codec.theory.gaps import shown_spellings
from codec.theory.information import gallager_bound

MAX_ROWS = 64
ALL_ROWS = "The costliest labels, the costliest first; --all shows every label, in the order of the alphabet."


def code_report(code: PrefixCode, p: Distribution) -> dict[str, Any]:
    """A code under the distribution p, as `codec table --json` prints it: rows and totals, unrounded."""
    expected = code.expected_length(p)
    probabilities = p.lookup(code.alphabet, p.probabilities, 0.0).tolist()
    spellings = shown_spellings(code.alphabet)
    rows = [
        {
            "label": _json_label(label, spelling),
            "spelling": spelling,
            "probability": probability,
            "information": -math.log2(probability) + 0.0 if probability else None,
            "codeword": word,
            "length": length,
            "share": probability * length / expected if length else 0.0,
        }
        for label, spelling, probability, length, word in zip(
            code.alphabet, spellings, probabilities, code.lengths.tolist(), _words(code), strict=True
        )
    ]
    kraft = code.kraft_sum()
    return {
        "rows": rows,
        "entropy": p.entropy(),
        "expected_length": None if math.isinf(expected) else expected,
        "redundancy": None if math.isinf(expected) else code.redundancy(p),
        "gallager_bound": gallager_bound(p),
        "kraft_sum": [kraft.numerator, kraft.denominator],
        "fixed_width": fixed_width(int((code.lengths > 0).sum())),
        "alphabet_size": len(code),
        "max_length": int(code.lengths.max()),
        "escape": None if code.escape_codeword is None else code.escape_codeword.to01(),
        "fingerprint": code.fingerprint,
        "of": transform_of(code).noun,
        "weights_sum": p.given_sum,
        "exact_weights": p.weights.dtype.kind != "f",
    }


def _words(code: PrefixCode) -> list[str | None]:
    """The codeword of each label, by position: as keys of a dict, 0.0 and -0.0 would be one."""
    words = canonical_codewords(code.all_lengths)[: len(code)]
    pairs = zip(words.tolist(), code.lengths.tolist(), strict=True)
    return [f"{word:0{length}b}" if length else None for word, length in pairs]


def _json_label(label: Any, spelling: str) -> Any:
    if isinstance(label, float) and not math.isfinite(label):
        return spelling
    return label.hex() if isinstance(label, bytes) else label


def code_table(report: dict[str, Any], most_rows: int | None = MAX_ROWS, way_out: str = "") -> RenderableType:
    """The rows of a code: label, probability, information, codeword, length, share of the cost.

    If there are more than `most_rows`, those of the costliest labels, the costliest first, and the sum of the others;
    below it stands the `way_out`.
    """
    rows, others = report["rows"], []
    if most_rows is not None and len(rows) > most_rows:
        rows = sorted(rows, key=lambda row: row["share"], reverse=True)
        rows, others = rows[:most_rows], rows[most_rows:]
    body = []
    for row in rows:
        label, numbers = shortened(label_text(row["spelling"])), (f"{row['probability']:.4f}", bits(row["information"]))
        body.append((label, *numbers, row["codeword"] or "none", str(row["length"]), percent(row["share"], 1)))
    total = None
    if others:
        p, share = (sum(row[key] for row in others) for key in ("probability", "share"))
        total = (counted(len(others), "other"), f"{p:.4f}", "", "", "", percent(share, 1))
    columns = ("label", "p", "−log2 p", "<codeword", "length", "share of cost")
    shown = replace(table(columns, body, total), coloured=columns.index("<codeword"))
    return Group(shown, Text(way_out)) if others and way_out else shown


def distribution_table(p: Distribution) -> RenderableType:
    """The labels of a distribution, and their probabilities; of many labels the most frequent."""
    left = len(p) - MAX_ROWS
    places = np.argsort(-p.probabilities, kind="stable")[:MAX_ROWS] if left > 0 else np.arange(len(p))
    rows = [
        (shortened(label_text(spelling)), f"{probability:.4f}", bits(-math.log2(probability) if probability else None))
        for spelling, probability in zip(p.labels.take(places).spellings, p.probabilities[places].tolist(), strict=True)
    ]
    total = (counted(left, "other"), f"{1 - p.probabilities[places].sum():.4f}", "") if left > 0 else None
    return Group(table(("label", "p", "−log2 p"), rows, total), f"H(p) = {bits(p.entropy())} bits per label.")


def code_totals(report: dict[str, Any], readings: int = 1) -> RenderableType:
    """The totals of a code over single readings, or over blocks of them, line by line."""
    of_one = report.get("of", "reading") if readings == 1 else f"{readings}-reading block"
    numerator, denominator = report["kraft_sum"]
    kraft = str(numerator) if denominator == 1 else f"{numerator}/{denominator}"
    if len(kraft) > 24:
        kraft = f"{numerator / denominator:.9f}"
    state = "complete" if numerator == denominator else "incomplete: some prefixes are never used"
    limit = f"Gallager's bound: {bits(report['gallager_bound'])}"
    if report["redundancy"] is None or report["redundancy"] > report["gallager_bound"] + 1e-9:
        limit += ", for optimal codes"
    coded = sum(row["codeword"] is not None for row in report["rows"])
    lines = [
        ("entropy H", bits(report["entropy"]), f"bits per {of_one}: no code for single {of_one}s does better"),
        ("expected length", bits(report["expected_length"]), f"bits per {of_one}"),
        ("redundancy", bits(report["redundancy"]), limit),
        ("fixed width", str(report["fixed_width"]), f"bits for each of {counted(coded, 'label')}"),
        ("Kraft sum", kraft, state),
        ("longest codeword", str(report["max_length"]), f"bits; fingerprint {report['fingerprint']}"),
    ]
    if report["escape"] is not None:
        lines.append(("escape", str(len(report["escape"])), f"bits, {report['escape']}, and the raw value behind it"))
    return table(("<", "", "<"), lines)


def code_notes(
    report: dict[str, Any], code: PrefixCode, max_length: int | None, construction: str | None
) -> Iterator[str]:
    """Notes below a code that was built with these options."""
    if code.singles.of is not None:
        yield f"The labels are {transform_of(code).plural}: encode and audit take those without being told."
    if 0.5 < report["weights_sum"] < 1.5 and abs(report["weights_sum"] - 1) > 1e-9:
        yield f"The weights as given sum to {report['weights_sum']:.6g}; p is what they are normalised to."
    if not report["exact_weights"]:
        yield "The weights are floats: with so many of them, rounding may decide ties."
    comparable = construction in (None, "huffman") and not code.escape_length  # whose weight is not kept
    if max_length is not None and code.weights is not None and comparable:
        unlimited = huffman(Distribution(code.alphabet, code.weights))
        price = report["expected_length"] - unlimited.expected_length(Distribution(code.alphabet, code.weights))
        longest = unlimited.lengths.max()
        yield f"The limit of {max_length} bits costs {price:.6f} bits per reading (without it: {longest} bits)."


def code_tree(code: PrefixCode, most_leaves: int = 32) -> RenderableType:
    """The code as a tree: 0 above, 1 below, labels at the leaves."""
    words = {word: label for word, label in zip(_words(code), code.alphabet.spellings, strict=True) if word}
    if len(words) > most_leaves:
        return Text(f"a tree of {len(words):,} leaves, too many to draw")
    root = Tree("●")
    branches = {"": root}
    prefixes = sorted({word[:end] for word in words for end in range(1, len(word) + 1)})
    for prefix in prefixes:
        leaf = words.get(prefix)
        text = f"{prefix[-1]} ── {label_text(leaf)}" if leaf is not None else f"{prefix[-1]}"
        branches[prefix] = branches[prefix[:-1]].add(Text(text))
    return root
