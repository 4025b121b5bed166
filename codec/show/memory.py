"""The memory of a stream, for people: what it is worth, beside what chance alone would show."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.text import Text

from codec.measure.memory import SHUFFLES, Memory
from codec.show.console import bits, table, whole

_WHICH_PRICE = (
    "For a stationary first-order Markov source that is the whole price of pretending that readings are "
    "independent; otherwise the part that one step explains. It stands beside the sums, in none of them."
)


def memory_lines(memory: Memory | None, count: int, what: str = "readings") -> RenderableType:
    """Memory of order one: n times the estimate in bits, per reading, and the same readings shuffled.

    Parameters
    ----------
    memory : Memory or None
    count : int
        n, the readings of the whole stream; the estimate may be of its start.
    what : str
        What they are, if not readings: differences, blocks.
    """
    if memory is None or not memory.tells:
        return Text(f"memory of order one: too few {what} to tell it from chance")
    measured_on = f"of the first {whole(memory.count)} {what}" if memory.count < count else "I(next; before)"
    by_chance = f"± {bits(memory.shuffled_deviation, 5)}, {SHUFFLES} times: chance alone"
    rows = [
        _row("memory of order one", memory.bits_per_reading, count, measured_on),
        _row(f"the same {what} shuffled", memory.shuffled_mean, count, by_chance),
    ]
    return Group(table(("<", "bits", "each", "<"), rows), Text(_WHICH_PRICE))


def _row(title: str, amount: float, count: int, note: str) -> tuple[str, str, str, str]:
    return title, whole(count * amount), bits(amount, 5), note
