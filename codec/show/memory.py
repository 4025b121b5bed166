"""The memory of a stream, for people: is there some, how large is it, and what would use it."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.text import Text

from codec.measure.memory import SHUFFLES, Memory
from codec.show.console import bits, table, whole

_ANSWERS = {
    "yes": "memory of order one: yes, {z:,.0f} standard deviations above the same {what} shuffled",
    "none": "memory of order one: none found, the {what} shuffled look alike",
    "unknown": "memory of order one: not to be told from so few {what}, or {what} so much alike",
}
_WHICH_PRICE = (
    "For a stationary first-order Markov source that is the whole price of pretending that readings are "
    "independent; otherwise the part that one step explains. It stands beside the sums, in none of them."
)


def memory_lines(memory: Memory | None, count: int, what: str = "readings") -> RenderableType:
    """Memory of order one: whether there is some, how many bits it is worth, and what other ways of coding would cost.

    Parameters
    ----------
    memory : Memory or None
    count : int
        n, the readings of the whole stream; the figures may be of its start.
    what : str
        What they are, if not readings: differences, blocks.
    """
    if memory is None:
        return Text(_ANSWERS["unknown"].format(what=what))
    parts: list[RenderableType] = [Text(_ANSWERS[memory.found].format(z=memory.z_score, what=what))]
    if memory.found == "yes":
        parts += [table(("<", "bits", "each", "<"), _rows(memory, count, what)), Text(_WHICH_PRICE)]
    if memory.ways is not None:
        parts.append(Text(_ways(memory.ways, count)))
    return Group(*parts)


def _rows(memory: Memory, count: int, what: str) -> list[tuple[str, str, str, str]]:
    measured_on = f"first {whole(memory.count)} {what}" if memory.count < count else "I(next; before)"
    rows = [
        ("at least, held out", memory.at_least, "95 %"),
        ("at most", memory.at_most, "95 %"),
        ("as it stands in the pairs", memory.bits_per_reading, measured_on),
        (
            f"the same {what} shuffled",
            memory.shuffled_mean,
            f"± {bits(memory.shuffled_deviation, 5)}, {SHUFFLES} times",
        ),
    ]
    return [(title, whole(count * amount), bits(amount, 5), note) for title, amount, note in rows if amount is not None]


def _ways(ways: dict[str, float | None], count: int) -> str:
    named = (f"{'' if way == 'plain' else '--'}{way} {bits(amount)}" for way, amount in ways.items() if amount)
    return f"what would use it, in bits a reading with the table: {', '.join(named)}"
