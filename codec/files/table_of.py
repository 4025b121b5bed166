"""The code of a file: its own table, or the given one that it was written against."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from codec.codes.canonical import kraft_sum
from codec.codes.context import MAX_CONTEXTS, ContextCode
from codec.codes.interval_table import deserialize_intervals
from codec.codes.prediction_table import deserialize_prediction
from codec.codes.prefix import PrefixCode
from codec.codes.serialize import KINDS, MAX_CODE_LENGTH, deserialize, deserialize_rows
from codec.errors import DamagedError, WrongTableError, counted, option
from codec.files import container
from codec.files.container import Header
from codec.theory.labels import Labels
from codec.theory.prediction import Prediction

_KEPT = 1 << 16  # bytes of a table that is kept


def table_of(header: Header, code: PrefixCode | ContextCode | None) -> PrefixCode | ContextCode:
    """The table of a file: its own, or the given one that it was written against."""
    if code is not None and code.fingerprint != header.fingerprint:
        raise WrongTableError(
            f"the file was written with the table {header.fingerprint}, and the one given is {code.fingerprint}"
        )
    if not header.table and code is None:
        raise WrongTableError(
            f"the file carries no table: give the one it was written with, {header.fingerprint} ({option('--code')})"
        )
    if header.code == container.CONTEXT:
        of, table = deserialize_prediction(header.table)
        return marked(_context_of(header, table, code), of)
    if not isinstance(code, PrefixCode) or header.table not in (b"", code.serialized):
        if not header.table:
            raise DamagedError("the file was written with a code in context, and its header says otherwise")
        code = (_again if len(header.table) <= _KEPT else _own)(header.table, header.code)
    alphabet, lengths, widths = code.alphabet, code.all_lengths, code.widths
    _check_kind(header, alphabet.singles)
    if (widths is None) == (header.code == container.INTERVALS):
        raise DamagedError("the header says an interval code, or none, and the table is another")
    if header.readings_per_symbol != alphabet.readings:
        said = counted(header.readings_per_symbol, "reading")
        raise DamagedError(f"the header says {said} in a codeword, the table {alphabet.readings}")
    _check_lengths(header, lengths, len(alphabet))
    return code


def _own(table: bytes, kind: int) -> PrefixCode:
    """The code whose table a file carries."""
    of, table = deserialize_prediction(table)
    alphabet, lengths, widths = _read(table, kind)
    own, escape = lengths[: len(alphabet)], lengths[len(alphabet) :]
    if not escape.all():
        raise DamagedError("the table's escape is not what its kind says: it has no codeword")
    code = PrefixCode(alphabet, own, None, int(escape.sum()), widths)
    return code if of is None else replace(code, alphabet=alphabet.marked(of))


_again = lru_cache(8)(_own)  # with what engines have made of it: many small files may carry the same table


def marked(code: PrefixCode | ContextCode, of: Prediction | None) -> PrefixCode | ContextCode:
    """The same code, its labels said to be of this, if it is anything."""
    return code if of is None else replace(code, alphabet=code.alphabet.marked(of))


def _read(table: bytes, kind: int) -> tuple[Labels, NDArray[np.int64], NDArray[np.int64] | None]:
    """The alphabet, the lengths, and the widths of an interval code."""
    return deserialize_intervals(table) if kind == container.INTERVALS else (*deserialize(table), None)


def _check_lengths(header: Header, lengths: NDArray[np.int64], labels: int) -> None:
    kraft = kraft_sum(lengths)
    if kraft > 1:
        raise DamagedError(f"the table's lengths are over-full: their Kraft sum is {kraft}")
    if (kraft < 1) != bool(header.flags & container.INCOMPLETE) or (len(lengths) and not kraft):
        raise DamagedError(f"the table's lengths have the Kraft sum {kraft}, and the header's flags say otherwise")
    if (len(lengths) > labels) != bool(header.flags & container.HAS_ESCAPE):
        raise DamagedError("the table's escape is not what the header's flags say")


def _context_of(header: Header, table: bytes, code: PrefixCode | ContextCode | None) -> ContextCode:
    if table:
        code = ContextCode(*deserialize_rows(table, MAX_CONTEXTS))
    if not isinstance(code, ContextCode):
        raise DamagedError("the header says a code in context, and the file was not written with one")
    _check_kind(header, code.alphabet)
    fullness = code.fullness
    if (fullness > 1 << MAX_CODE_LENGTH).any():
        raise DamagedError(f"the table's lengths are over-full in row {int(fullness.argmax())}")
    if code.complete == bool(header.flags & container.INCOMPLETE):
        raise DamagedError("the table's lengths are complete or incomplete, and the header's flags say otherwise")
    return code


def _check_kind(header: Header, alphabet: Labels) -> None:
    if KINDS[header.label_kind] != alphabet.kind:
        raise DamagedError(f"the header says labels of kind {KINDS[header.label_kind]}, the table {alphabet.kind}")
