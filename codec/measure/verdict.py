"""What to do with an old table: keep it, retrain it, or neither, since no one table serves."""

from __future__ import annotations

from codec.measure.held_out import HeldOut, Interval
from codec.measure.memory import Memory
from codec.measure.mismatch import LEAST_READINGS
from codec.measure.windows import Window


def verdict_on(count: int, unseen: int, found: HeldOut | None, table_bits: int) -> tuple[str, str, bool]:
    """Whether to "keep" the old table, to "retrain", or neither ("moving"); the reason; whether a fresh one saves.

    Parameters
    ----------
    count, unseen : int
        Readings, and those that the table cannot code at all.
    found : HeldOut or None
        None where the readings are too few.
    table_bits : int
        Of a fresh table.
    """
    if unseen:
        return "retrain", f"the table cannot code {unseen:,} of these {count:,} readings at all", True
    if found is None or found.saved is None or found.saved_alternating is None or found.saved_later is None:
        return "keep", f"{count:,} readings are too few to tell; it takes {LEAST_READINGS}", False
    moving = found.moved[0] > 0
    saved = found.saved_later if moving else found.saved_alternating
    if saved[0] > 0:
        saving = f"a fresh table saves {_between(saved)}, held out"
        own = f"its own {table_bits:,} bits within a stream as long as this"
        if (saved[0] - found.unseen) * count >= table_bits:
            return "retrain", f"{saving}, and earns {own}", True
        known = f"pay for readings that it has not seen (about {found.unseen:.4f} each) and " if found.unseen else ""
        return "keep", f"{saving}, and yet is not certain to {known}earn {own}", True
    if moving and found.saved_alternating[0] > 0:
        return (
            "moving",
            (
                f"no one table serves: one learned on the other half costs {_between(found.moved)} more than one "
                "learned on every other stretch"
            ),
            False,
        )
    low, high = saved = found.saved_alternating
    if high < 0:
        return "keep", f"a table learned on other readings would be worse, by {_between((-high, -low))}", False
    return "keep", f"a table learned on other readings would save {_between(saved)}: that may be nothing", False


def moving_since(since: Window | None, memory: Memory | None) -> str:
    """What goes with "moving": what differences would cost, and since when the old table costs another amount."""
    text = ""
    delta = None if memory is None or memory.ways is None else memory.ways["delta"]
    if delta is not None:
        text += f"; differences would take {delta:.4f} bits a reading"
    if since is not None:
        text += f"; the old table costs another amount since {since.period or f'reading {since.start + 1:,}'}"
    return text


def _between(interval: Interval) -> str:
    return f"{interval[0]:.4f} to {interval[1]:.4f} bits per reading (95 %)".replace("-", "−")
