"""Readings as symbols of a code's alphabet: look-up there, escapes with their raw values, and back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from codec.codes.context import ContextCode
from codec.coding.piece import Piece
from codec.coding.ranks import ASIDE, moved_back
from codec.coding.raw import pack_raw, unpack_raw, with_raw_values
from codec.coding.step import Code, File, Job, Step
from codec.errors import DamagedError, MissingCodewordError, StreamError, counted, option
from codec.files.container import Block
from codec.readings import restore
from codec.readings.origin import Origin
from codec.readings.stream import Stream
from codec.theory import dense
from codec.theory.alphabet import find, kind_text, symbol_dtype
from codec.theory.dense import Found, LookUp
from codec.theory.gaps import gaps_in
from codec.theory.labels import Labels, labels_of


def there(pieces: Iterator[Piece], job: Job) -> Iterator[Piece]:
    """Labels -> symbols of single readings. One without a codeword becomes the escape, if there is one.

    Raises
    ------
    MissingCodewordError
        Once all pieces are through: it counts the readings without a codeword, and names the first.
    """
    code, spelled = job.code, job.origin.is_lines
    if code is None:
        raise TypeError("readings become symbols of a code, and there is none yet")
    alphabet = code.singles
    dtype = symbol_dtype(len(alphabet) + code.has_escape)
    missing, first, other, position = 0, "", alphabet, 0
    for piece in pieces:
        labels = piece.labels
        symbols, unknown = look_up(code, labels, job.origin, job.transform.step is None, job.look)
        symbols = symbols.astype(dtype, copy=False)
        raw = b""
        if unknown is not None and unknown.any():
            if code.can_escape(labels, spelled):
                symbols[unknown] = len(alphabet)
                raw = _packed(labels.take(np.flatnonzero(unknown)), job)
            else:
                if not missing:
                    first = _placed(job.stream, job.transform.noun, labels, int(unknown.argmax()), position)
                    other = labels
                missing += int(unknown.sum())
        position += len(labels)
        if not missing:  # otherwise the rest is only counted
            yield Piece(alphabet, symbols, piece.base, raw)
    if missing:
        way_out = f"make a table that knows them, or one with an escape ({option('codec table --escape')})"
        if code.has_escape:
            way_out = f"its escape is for readings of kind {kind_text(alphabet)}, and these are {kind_text(other)}"
        if other.kind == "float" and alphabet.kind == "int":
            kinds = f"the labels are of kind {kind_text(alphabet)}, and these readings {kind_text(other)}"
            way_out = f"{kinds}: round them with {option('--step', alphabet.step)}"
        among = f"of {counted(position, 'reading')}"
        none = counted(missing, f"{among} has none", f"{among} have none")
        raise MissingCodewordError(f"{first} has no codeword in the code; {none}: {way_out}")


def back(pieces: Iterator[Piece], block: Block, before: Piece | None, file: File) -> Iterator[Piece]:
    """Symbols -> labels: the raw values stand behind the alphabet, in their order.

    Raises
    ------
    DamagedError
        If the raw values of the block are not those of its escapes, or one of them has a codeword of its own.
    """
    if not file.code.has_escape:
        yield from pieces
        return
    alphabet, position = file.code.singles, 0
    for piece in pieces:
        escaped = np.flatnonzero(piece.symbols == len(alphabet))
        if not len(escaped):
            yield piece
            continue
        try:
            raw, position = unpack_raw(block.extra, position, len(escaped), alphabet, file.symbols_origin)
        except DamagedError as error:
            raise DamagedError(f"block {block.sequence} is damaged: {error}") from None
        unknown = look_up(file.code, raw, file.symbols_origin)[1]
        if unknown is None or not unknown.all():  # one stream, one file
            raise DamagedError(
                f"block {block.sequence} is damaged: a raw value stands behind an escape that has a codeword of its own"
            )
        places = piece.symbols.astype(np.int64)
        places[escaped] = len(alphabet) + np.arange(len(escaped))
        yield Piece(with_raw_values(alphabet, raw), places)
    if position != len(block.extra):
        raise DamagedError(
            f"block {block.sequence} is damaged: "
            f"it has {counted(len(block.extra) - position, 'byte')} of raw values more than its escapes take"
        )


def look_up(
    code: Code, labels: Labels, origin: Origin, untransformed: bool = True, look: LookUp = dense.look_up
) -> Found:
    """The symbol of each label, and which have no codeword.

    Lines match the label whose spelling they equal; untransformed numbers of an array that are of another kind than
    the table's, the label that comes back as this very number.
    """
    alphabet = code.singles
    differ = (labels.kind, labels.step) != (alphabet.kind, alphabet.step)
    if differ and untransformed and origin.kind == "array" and {labels.kind, alphabet.kind} <= {"int", "float"}:
        impossible = origin.unrepresentable(alphabet)
        places = np.arange(len(alphabet)) if impossible is None else np.flatnonzero(~impossible)
        returned = labels_of(restore.label_values(alphabet.take(places), np.dtype(origin.dtype)))
        symbols, unknown = find(returned, labels, look=look)
        symbols = places.take(symbols, mode="clip") if len(places) else symbols
    else:
        symbols, unknown = find(alphabet, labels, origin.is_lines, look)
    coded = code.singles_coded
    if not len(coded):
        return symbols, np.ones(len(symbols), np.bool_)
    if coded.all():
        return symbols, unknown
    without = ~coded.take(symbols, mode="clip")  # the symbol of an unknown label may be any
    return symbols, without if unknown is None else unknown | without


def _packed(raw: Labels, job: Job) -> bytes:
    try:
        return pack_raw(raw, job.origin)
    except ValueError as error:
        raise StreamError(f"{job.stream.name}: {error}: {option('code the file with --bytes')}") from None


def refuse_missing_pairs(job: Job, symbols: NDArray[Any], lane_size: int, done: int) -> None:
    """Refuse symbols of a block that a code in context cannot code behind the one before; `done` came before them."""
    code = job.code
    if not isinstance(code, ContextCode):
        return
    missing = code.codewords_at(symbols, lane_size) < 0
    if missing.any():
        place = int(missing.argmax())
        none = counted(int(missing.sum()), "about there has none", "about there have none")
        named = _placed(job.stream, job.transform.noun, code.singles.take(symbols[place : place + 1]), 0, done + place)
        raise MissingCodewordError(
            f"{named} has no codeword behind the one before it; {none}: "
            "learn a code in context from readings that have such pairs"
        )


def _placed(stream: Stream, noun: str, labels: Labels, place: int, before: int) -> str:
    """How a message names a reading: its stream, its place there, and itself."""
    if labels.of is not None and labels.of.ranks is not None and abs(int(labels.values[place])) >= ASIDE:
        labels, noun = Labels("int", moved_back(labels.values), labels.of.ranks.step), "reading"
    reading = labels.take(np.array([place])).spellings[0] if labels.kind == "int" else labels[place]
    if stream.origin.gaps and gaps_in(labels)[place]:
        named = "a gap"
    elif isinstance(reading, (str, bytes)) and not reading:
        named = "an empty reading"
    else:
        named = f"the {noun} {reading}"
    return f"{stream.name}, {stream.place(before + place)}: {named}"


STEP = Step(there, back)
