"""Ways of coding side by side, for people and for programs."""

from __future__ import annotations

from typing import Any

from rich.console import RenderableType

from codec.coding.best import Candidate, smallest
from codec.coding.writing import Written
from codec.show.as_json import as_json
from codec.show.console import table, whole


def candidates_table(found: tuple[Candidate, ...]) -> RenderableType:
    """The size of the file that each would make; the smallest is marked, and reasons are shown without the way out."""
    rows = []
    for one in found:
        sizes = ("–", "–") if one.file_bits is None else (whole(one.file_bits), whole(-(-one.file_bits // 8)))
        note = "smallest" if one is smallest(found) else ": ".join((one.why_not or "").split(": ")[:2])
        rows.append((one.name, *sizes, note))
    return table(("<coded as", "bits", "bytes", "<"), rows)


def encoding_json(written: Written, target: str, found: tuple[Candidate, ...]) -> dict[str, Any]:
    """What was written, under stable keys; with the candidates and the one chosen, if several were tried."""
    about = {**vars(written), "file_bits": 8 * written.file_bytes, "output": target}
    if not found:
        return about
    return {**about, "candidates": as_json(found), "chosen": smallest(found).name}
