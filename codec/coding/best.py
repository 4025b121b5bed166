"""Which way of coding makes the smallest file? Each is tried: written to a sink that only counts the bytes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from io import RawIOBase
from typing import Any, BinaryIO, cast

import numpy as np

from codec.codes.context import ContextCode
from codec.coding.learn import learned
from codec.coding.options import Options
from codec.coding.step import Code
from codec.coding.steps import BASE_BYTES, TRANSFORMS
from codec.coding.writing import write
from codec.errors import StreamError
from codec.files.short import pack_short
from codec.readings.origin import Closing
from codec.readings.stream import Stream
from codec.theory.labels import Labels

MAX_READINGS_TRIED = 8  # in a codeword
SAMPLED = 1 << 20  # readings on which the newer ways are tried first, of a stream that has more
_KEPT = 1 << 22  # bytes of a file that may have a short form
_CLOSE = 1.02  # times the smallest on those readings: so close, a way is tried on the whole stream


@dataclass(frozen=True)
class Candidate:
    """A way of coding a stream.

    Attributes
    ----------
    name : str
        "plain", "block 2", "delta", "context", "ranks linear intervals", ...
    file_bits : int or None
        The size of the whole file; None where the stream cannot be coded so, or only a sample was.
    why_not : str or None
        The reason then.
    code : PrefixCode, ContextCode or None
    how : Options
    count : int
        Readings.
    """

    name: str
    file_bits: int | None
    why_not: str | None = None
    code: Code | None = None
    how: Options = Options()  # noqa: RUF009  frozen
    count: int = 0


def candidates(stream: Stream, how: Options = Options()) -> tuple[Candidate, ...]:  # noqa: B008  frozen
    """All ways of coding a stream: each transform, with one reading in a codeword, with more, in context, in intervals.

    The time that it takes is that of coding the stream as many times. Of a stream of more than 2^20 readings, ranks,
    linear prediction and intervals are tried on the first 2^20, and those that come close there on the whole of it.

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
    stream = stream.gapped or stream
    found: list[Candidate] = []
    for transform in TRANSFORMS[:2]:
        found += _of_transform(stream, replace(how, transform=transform), transform.option)
        if found[-1].file_bits is not None and found[-1].code is None:
            return tuple(found)  # no readings: every way is the same
    others = [
        (f"{transform.option} {way}".strip(), replace(how, transform=transform, **options))
        for transform in TRANSFORMS
        for way, options in _WAYS.items()
        if transform not in TRANSFORMS[:2] or way == "intervals"
    ]
    if found[0].count <= SAMPLED:
        found += [_tried(stream, way, name) for name, way in others]
    else:
        found += _sampled(stream, others, [(one.name, one.how, one.code) for one in found])
    if all(one.file_bits is None for one in found):
        raise StreamError(f"{stream.name} cannot be coded in any way: {found[0].why_not}")
    return tuple(found)


_WAYS: dict[str, dict[str, Any]] = {"": {}, "context": {"context": True}, "intervals": {"intervals": True}}


def smallest(found: tuple[Candidate, ...]) -> Candidate:
    """The candidate of the smallest file, the simpler one if two are as small."""
    return min((one for one in found if one.file_bits is not None), key=lambda one: one.file_bits or 0)


def _sampled(stream: Stream, others: list[tuple[str, Options]], usual: list[Any]) -> Iterator[Candidate]:
    """The other ways: those that come close to the smallest on the first readings, on the whole stream."""
    start = _start(stream)
    bits = [_tried(start, replace(how, **_learning(code)), name).file_bits for name, how, code in usual if code]
    tried = [(_tried(start, how, name), how) for name, how in others]
    least = min(size for size in [*bits, *(one.file_bits for one, _ in tried)] if size is not None)
    for one, how in tried:
        if one.file_bits is not None and one.file_bits <= _CLOSE * least:
            yield _tried(stream, how, one.name)
        elif one.file_bits is not None:
            more = f"{one.file_bits / least - 1:.0%} more than the smallest on the first {SAMPLED:,} readings"
            yield Candidate(one.name, None, more)
        else:
            yield one


def _learning(code: Code) -> dict[str, Any]:
    """The options by which such a code is learned."""
    return {"context": True} if isinstance(code, ContextCode) else {"per_codeword": code.readings}


def _start(stream: Stream) -> Stream:
    """The first readings of a stream."""

    def pieces() -> Iterator[Labels | Closing]:
        count = 0
        for labels in stream.labels():
            yield labels.take(np.arange(min(len(labels), SAMPLED - count)))
            count += len(labels)
            if count >= SAMPLED:
                break
        yield Closing(0)

    return replace(stream, pieces=pieces)


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
        given = replace(how, per_codeword=1, context=False, intervals=False)  # the code says it by itself
        sink = _Sink()
        written = write(stream, cast("BinaryIO", sink), code, given)
    except StreamError as error:
        return Candidate(name, None, str(error).removeprefix(stream.name).lstrip(",: "))
    size = len(pack_short(bytes(sink.kept), BASE_BYTES)) if written.file_bytes <= _KEPT else written.file_bytes
    given = replace(given, short=size < written.file_bytes)
    return Candidate(name, 8 * size, None, code, given, written.count)


class _Sink(RawIOBase):
    """Takes all, and keeps the start of it."""

    def __init__(self) -> None:
        self.kept = bytearray()

    def write(self, data: Any, /) -> int:
        if len(self.kept) <= _KEPT:
            self.kept += data
        return len(data)
