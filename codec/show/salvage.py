"""What was saved of a damaged file, for people."""

from __future__ import annotations

from codec.salvage import Lost, Salvage


def salvage_report(salvage: Salvage) -> str:
    """How many readings were saved, and which are lost, counted from 1.

    At most the first ten stretches are named.
    """
    of = "" if salvage.count is None else f" of {salvage.count:,}"
    stretches = [_stretch(lost) for lost in salvage.lost]
    more = f" and {len(stretches) - 10:,} stretches more" if len(stretches) > 10 else ""
    return f"saved {salvage.saved:,}{of} readings; lost: {', '.join(stretches[:10])}{more}"


def _stretch(lost: Lost) -> str:
    if lost.stop is None:
        return f"whatever followed reading {lost.start:,}, and the end"
    if lost.stop == lost.start + 1:
        return f"reading {lost.stop:,}"
    return f"readings {lost.start + 1:,} to {lost.stop:,}"
