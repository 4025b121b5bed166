"""Believing q while p is true, for people: prediction, expectation, measurement in columns."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from codec.measure.mismatch import LEAST_READINGS, Mismatch
from codec.show.as_json import as_json
from codec.show.console import bits, label_text, percent, table

CONSTRUCTIONS = {
    "fixed": "fixed width",
    "shannon": "Shannon",
    "fano": "Fano",
    "shannon-fano-elias": "Shannon–Fano–Elias",
}


def comparison_json(rows: Sequence[tuple[str, Mismatch]]) -> dict[str, Any]:
    """What `codec compare --json` prints."""
    first = rows[0][1]
    shared = ("entropy", "own_expected_length", "empirical", "count")
    body = [
        {"q": name, **{key: value for key, value in as_json(row).items() if key not in shared}} for name, row in rows
    ]
    return {**{key: getattr(first, key) for key in shared}, "rows": body}


def comparison_table(rows: Sequence[tuple[str, Mismatch]], measured_on: str) -> RenderableType:
    """One line for each q, with the number that separates prediction from price."""
    first = rows[0][1]
    dead = any(row.dead_space for _, row in rows)
    columns = ["<q", "KL prediction", "expected extra", "measured extra", "± error", "z", "rounding"]
    body = []
    for name, row in rows:
        cells = [_title(name, row), bits(row.kl_prediction), *_extra(row), bits(row.rounding_difference)]
        body.append([*cells, bits(row.dead_space)] if dead else cells)
    parts: list[RenderableType] = [
        Text(f"H(p) = {bits(first.entropy)}, Huffman code for p = {bits(first.own_expected_length)} bits per reading."),
        Text(f"Extra bits are counted above that code, and measured on {measured_on}.\n"),
        table([*columns, "dead space"] if dead else columns, body),
        Text("\nrounding = expected extra − KL prediction = (E_p[l_q] − H(p,q)) − (E_p[l_p] − H(p)):"),
        Text("q's rounding to whole bits minus p's. D(p‖q) is what an ideal code pays, not what this one does."),
    ]
    parts += [Text(note) for note in _notes(rows)]
    return Group(*parts)


def _short(name: str) -> str:
    return name.removesuffix(".json").rpartition("/")[2]


def _title(name: str, row: Mismatch) -> str:
    built = CONSTRUCTIONS.get(row.construction or "")
    return f"{_short(name)}, {built}" if built else _short(name)


def _extra(row: Mismatch) -> list[str]:
    return [*map(bits, (row.expected_extra, row.measured_extra, row.standard_error)), bits(row.z, 2)]


def _infinities(rows: Sequence[tuple[str, Mismatch]]) -> Iterator[str]:
    """Which readings are responsible for an infinity, and what helps."""
    unable = dict.fromkeys((_short(name), row.missing, math.isfinite(row.expected_extra)) for name, row in rows)
    for name, missing, escapes in unable:
        if missing is not None:
            share = percent(missing.share, 1, 4 if missing.share < 0.001 else 1)
            which = f"label {label_text(missing.first)} of p, {share} of it"
            if missing.labels > 1:
                often = f"the most frequent is {label_text(missing.first)}"
                which = f"{missing.labels:,} labels of p, {share} of it; {often}"
            escaped = " Its escape and their raw values stand for them." if escapes else ""
            yield f"∞: the code for {name} has no codeword for {which}.{escaped}"
    if any(math.isinf(row.expected_extra) for _, row in rows):
        yield "--smooth ALPHA gives each label of p a weight in q, and --escape one codeword for all others."


def _notes(rows: Sequence[tuple[str, Mismatch]]) -> list[str]:
    first, notes = rows[0][1], [*_infinities(rows)]
    if any(row.dead_space is not None for _, row in rows):
        notes.append("For a table, the prediction is D(p‖r), r = 2^−l / K; dead space is −log2 K, its unused prefixes.")
    if any(row.construction == "shannon" for _, row in rows):
        notes.append(
            "Shannon's code, l = ⌈−log2 q⌉, always has H(p) + D(p‖q) ≤ E_p[l] < H(p) + D(p‖q) + 1 "
            "(for two labels or more). A Huffman code for q promises neither."
        )
    for name, row in rows:
        if row.unmeasured is not None and math.isfinite(row.expected_extra):
            notes.append(f"–: {_title(name, row)} is not measured: {row.unmeasured}.")
    if first.empirical:
        notes.append("p is the stream's own distribution: expectation and measurement are one by definition.")
    elif 0 < first.count < LEAST_READINGS:
        notes.append(f"Below {LEAST_READINGS} readings there is no standard error.")
    return notes


def blocks_json(steps: Sequence[tuple[str, int, Mismatch]]) -> dict[str, Any]:
    """What `codec compare --blocks --json` prints beside the rest; all figures per reading."""
    return {"blocks": [{"q": name, "k": k, **as_json(row)} for name, k, row in steps]}


def blocks_table(steps: Sequence[tuple[str, int, Mismatch]]) -> RenderableType:
    """The extra bits with k readings in a codeword, on their way to D(p||q)."""
    body = [
        (_short(name), str(row.construction), str(k), *_extra(row), bits(row.kl_prediction)) for name, k, row in steps
    ]
    unmeasured = any(row.measured_extra is None and row.expected_extra != float("inf") for _, _, row in steps)
    titles = ("<q", "<code", "k", "expected extra", "measured extra", "± error", "z", "D(p‖q)")
    return Group(
        Text("\nWith k readings in a codeword, in bits per reading, above the Huffman code for p of the same k:\n"),
        table(titles, body),
        Text(
            "\nThat this comes to D(p‖q) is a theorem for Shannon's codes (within 1/k bits, above H(p)); "
            "for Huffman's it is an observation, and no steady walk."
        ),
        *([Text("– is not measured: no file holds codewords of more than 32 bits.")] if unmeasured else []),
    )
