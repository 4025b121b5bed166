"""A report of what was saved of a damaged file."""

from __future__ import annotations

from codec.coding.salvage import Lost, Salvage
from codec.errors import counted

MAX_NAMED = 10


def salvage_report(salvage: Salvage) -> str:
    """How many readings were saved, and which are lost, counted from 1.

    At most the first ten stretches are named.
    """
    saved = f"saved {counted(salvage.saved, 'reading')}"
    if salvage.count is not None:
        saved = f"saved {salvage.saved:,} of {counted(salvage.count, 'reading')}"
    if salvage.mixed:
        return f"{saved}; but their checksum does not hold: some are those of another file"
    stretches = [_stretch(lost) for lost in salvage.lost]
    more = len(stretches) - MAX_NAMED
    rest = f" and {counted(more, 'stretch', 'stretches')} more" if more > 0 else ""
    return f"{saved}; lost: {', '.join(stretches[:MAX_NAMED])}{rest}"


def _stretch(lost: Lost) -> str:
    if lost.stop is None:
        return f"whatever followed reading {lost.start:,}, and the end"
    if lost.stop == lost.start + 1:
        return f"reading {lost.stop:,}"
    return f"readings {lost.start + 1:,} to {lost.stop:,}"
