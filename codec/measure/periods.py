"""Where each day, week, month or year of a stream begins, from a time beside each reading."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from itertools import groupby

from codec.errors import StreamError
from codec.readings.stream import Stream

_DATE = re.compile(r"\s*([0-9]{4})[-/.]?([0-9]{2})[-/.]?([0-9]{2})(?![0-9])")
PERIODS: dict[str, Callable[[date], str]] = {
    "day": lambda day: f"{day:%Y-%m-%d}",
    "week": lambda day: "{}-W{:02}".format(*day.isocalendar()[:2]),
    "month": lambda day: f"{day:%Y-%m}",
    "year": lambda day: f"{day:%Y}",
}


def periods_of(times: Stream, every: str) -> list[tuple[str, int]]:
    """The periods of a stream of times in order, each with its number of readings.

    Parameters
    ----------
    times : Stream
        A date at the start of each: 2021-12-31, 2021/12/31, 20211231; what follows it is not looked at.
    every : str
        "day", "week" (ISO 8601, from Monday on), "month" or "year".

    Raises
    ------
    StreamError
        If one is no date, or stands after a later period.

    Examples
    --------
    >>> from codec.readings.values import from_values
    >>> periods_of(from_values(["2021-01-30", "2021-01-31 06:00", "2021-02-01"]), "month")
    [('2021-01', 2), ('2021-02', 1)]
    """
    if every not in PERIODS:
        raise ValueError(f"every is one of {', '.join(PERIODS)}, not {every!r}")
    found: list[tuple[str, int]] = []
    names: dict[str, str] = {}  # of the dates so far
    position = 0
    for piece in times.labels():
        for text, same in groupby(piece.spellings):
            day = text.lstrip()[:10]
            if day not in names:
                names[day] = _name(text, PERIODS[every], times, position)
            count = len(list(same))
            position += count
            if found and found[-1][0] == names[day]:
                found[-1] = names[day], found[-1][1] + count
            elif found and found[-1][0] > names[day]:
                where = times.place(position - count)
                raise StreamError(
                    f"{times.name}: {where}: {names[day]} stands after {found[-1][0]}: sort the rows by time"
                )
            else:
                found.append((names[day], count))
    return found


def _name(text: str, name: Callable[[date], str], times: Stream, position: int) -> str:
    match = _DATE.match(text)
    try:
        return name(date(*(int(part) for part in match.groups()))) if match else _refuse(text, times, position)
    except ValueError:  # a 13th month
        return _refuse(text, times, position)


def _refuse(text: str, times: Stream, position: int) -> str:
    raise StreamError(
        f"{times.name}: {times.place(position)}: {text!r} is no time: it begins with a year, a month and a day, "
        "as 2021-12-31 does"
    )
