"""Believing q while p is true, for people: prediction, expectation, measurement in columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from codec.measure.mismatch import LEAST_READINGS, Mismatch
from codec.show.console import bits, table


def comparison_json(rows: Sequence[tuple[str, Mismatch]]) -> dict[str, Any]:
    """What `codec compare --json` prints."""
    first = rows[0][1]
    shared = ("entropy", "own_expected_length", "empirical", "count")
    body = []
    for name, row in rows:
        fields = row.to_json()
        body.append({"q": name, **{key: value for key, value in fields.items() if key not in shared}})
    return {**{key: getattr(first, key) for key in shared}, "rows": body}


def comparison_table(rows: Sequence[tuple[str, Mismatch]], measured_on: str) -> RenderableType:
    """One line for each q, with the number that separates prediction from price."""
    first = rows[0][1]
    dead = any(row.dead_space for _, row in rows)
    columns = ["<q", "KL prediction", "expected extra", "measured extra", "± error", "z", "rounding"]
    body = []
    for name, row in rows:
        cells = [
            name.removesuffix(".json").rpartition("/")[2],
            bits(row.kl_prediction),
            bits(row.expected_extra),
            bits(row.measured_extra),
            bits(row.standard_error),
            "–" if row.z is None else bits(row.z, 2),
            bits(row.rounding_difference),
        ]
        body.append([*cells, bits(row.dead_space)] if dead else cells)
    parts: list[RenderableType] = [
        Text(f"H(p) = {bits(first.entropy)}, Huffman code for p = {bits(first.own_expected_length)} bits per reading."),
        Text(f"Extra bits are counted above that code, and measured on {measured_on}.\n"),
        table([*columns, "dead space"] if dead else columns, body),
        Text("\nrounding = expected extra − KL prediction = (E_p[l_q] − H(p,q)) − (E_p[l_p] − H(p)):"),
        Text("q's rounding to whole bits minus p's. The KL divergence is what an ideal code would pay,"),
        Text("not what this one does."),
    ]
    parts += [Text(note) for note in _notes(rows)]
    return Group(*parts)


def _notes(rows: Sequence[tuple[str, Mismatch]]) -> list[str]:
    first = rows[0][1]
    notes = []
    if any(row.kl_prediction == float("inf") for _, row in rows):
        notes.append("∞: p has readings that q holds for impossible. Its code has no codeword for them.")
    if any(row.dead_space is not None for _, row in rows):
        notes.append("For a table, the prediction is D(p‖r), r = 2^−l / K; dead space is −log2 K, its unused prefixes.")
    if first.empirical:
        notes.append("p is the stream's own distribution: expectation and measurement are one by definition.")
    elif 0 < first.count < LEAST_READINGS:
        notes.append(f"Below {LEAST_READINGS} readings there is no standard error.")
    return notes
