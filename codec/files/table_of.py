"""The code of a file: its own table, or the given one that it was written against."""

from __future__ import annotations

from codec.codes.canonical import kraft_sum
from codec.codes.context import MAX_CONTEXTS, ContextCode
from codec.codes.prefix import PrefixCode
from codec.codes.serialize import KINDS, MAX_CODE_LENGTH, deserialize, deserialize_rows
from codec.errors import DamagedError, WrongTableError, counted, option
from codec.files import container
from codec.files.container import Header
from codec.theory.labels import Labels


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
        return _context_of(header, code)
    if header.table:
        alphabet, lengths = deserialize(header.table)
    elif isinstance(code, PrefixCode):
        alphabet, lengths = code.alphabet, code.all_lengths
    else:
        raise DamagedError("the file was written with a code in context, and its header says otherwise")
    _check_kind(header, alphabet.singles)
    if header.readings_per_symbol != alphabet.readings:
        said = counted(header.readings_per_symbol, "reading")
        raise DamagedError(f"the header says {said} in a codeword, the table {alphabet.readings}")
    kraft = kraft_sum(lengths)
    if kraft > 1:
        raise DamagedError(f"the table's lengths are over-full: their Kraft sum is {kraft}")
    if (kraft < 1) != bool(header.flags & container.INCOMPLETE) or (len(lengths) and not kraft):
        raise DamagedError(f"the table's lengths have the Kraft sum {kraft}, and the header's flags say otherwise")
    if (len(lengths) > len(alphabet)) != bool(header.flags & container.HAS_ESCAPE) or (
        len(lengths) > len(alphabet) and not lengths[-1]
    ):
        raise DamagedError("the table's escape is not what the header's flags say")
    own, escape = lengths[: len(alphabet)], lengths[len(alphabet) :]
    return PrefixCode(alphabet, own, None, int(escape.sum()))


def _context_of(header: Header, code: PrefixCode | ContextCode | None) -> ContextCode:
    if header.table:
        code = ContextCode(*deserialize_rows(header.table, MAX_CONTEXTS))
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
