"""Which way of coding makes the smallest file? Each is tried: written to a sink that only counts the bytes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from io import RawIOBase
from typing import Any, BinaryIO, cast

from codec.coding.learn import learned
from codec.coding.options import Options
from codec.coding.step import Code
from codec.coding.steps import TRANSFORMS
from codec.coding.writing import write
from codec.errors import StreamError
from codec.readings.stream import Stream

MAX_READINGS_TRIED = 8  # in a codeword


@dataclass(frozen=True)
class Candidate:
    """A way of coding a stream.

    Attributes
    ----------
    name : str
        "plain", "block 2", "delta", "context", "delta context", ...
    file_bits : int or None
        The size of the whole file; None where the stream cannot be coded so.
    why_not : str or None
        The reason then.
    code : PrefixCode, ContextCode or None
    how : Options
    """

    name: str
    file_bits: int | None
    why_not: str | None = None
    code: Code | None = None
    how: Options = Options()  # noqa: RUF009  frozen


def candidates(stream: Stream, how: Options = Options()) -> tuple[Candidate, ...]:  # noqa: B008  frozen
    """All ways of coding a stream: each transform, with one reading in a codeword, with more, and in context.

    The time that it takes is that of coding the stream as many times.

    Raises
    ------
    StreamError
        If there is none.

    Examples
    --------
    >>> from codec.readings.values import from_values
    >>> [one.name for one in candidates(from_values("abababab"))][:3]
    ['plain', 'block 2', 'context']
    """
    found: list[Candidate] = []
    for transform in TRANSFORMS:
        found += _of_transform(stream, replace(how, transform=transform), transform.option)
        if found[-1].file_bits is not None and found[-1].code is None:
            break  # no readings: every way is the same
    if all(one.file_bits is None for one in found):
        raise StreamError(f"{stream.name} cannot be coded in any way: {found[0].why_not}")
    return tuple(found)


def smallest(found: tuple[Candidate, ...]) -> Candidate:
    """The candidate of the smallest file, the simpler one if two are as small."""
    return min((one for one in found if one.file_bits is not None), key=lambda one: one.file_bits or 0)


def _of_transform(stream: Stream, how: Options, option: str) -> Iterator[Candidate]:
    plain = _tried(stream, how, option or "plain")
    yield plain
    if plain.file_bits is None or plain.code is None:
        return
    last = plain.file_bits
    for k in range(2, MAX_READINGS_TRIED + 1):
        longer = _tried(stream, replace(how, per_codeword=k), f"{option} block {k}".strip())
        yield longer
        if longer.file_bits is None or longer.file_bits >= last:  # longer blocks have only larger tables
            break
        last = longer.file_bits
    yield _tried(stream, replace(how, context=True), f"{option} context".strip())


def _tried(stream: Stream, how: Options, name: str) -> Candidate:
    try:
        learnt, how = learned(stream, how)
        code = learnt if len(learnt.alphabet) else None  # of no readings
        given = replace(how, per_codeword=1, context=False)  # the code says it by itself
        written = write(stream, _sink(), code, given)
    except StreamError as error:
        return Candidate(name, None, str(error).removeprefix(stream.name).lstrip(", "))
    return Candidate(name, 8 * written.file_bytes, None, code, given)


class _Sink(RawIOBase):
    def write(self, data: Any, /) -> int:
        return len(data)


def _sink() -> BinaryIO:
    return cast("BinaryIO", _Sink())
