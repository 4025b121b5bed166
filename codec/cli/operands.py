"""What the arguments of a verb name: distributions, code tables, streams."""

from __future__ import annotations

import contextlib
import os
from argparse import Namespace
from dataclasses import replace
from fractions import Fraction
from typing import TypeVar

import numpy as np

from codec.arrays.opened import is_array
from codec.bits.engine import BLOCK_SIZE
from codec.cli.arrays import array_distribution
from codec.cli.files import NAMES, in_file, opened_stream
from codec.cli.inline import inline, is_inline
from codec.codes import standard
from codec.codes.constructions import construct
from codec.codes.intervals import interval_code
from codec.codes.prefix import PrefixCode, as_code, huffman
from codec.codes.serialize import MAX_CODE_LENGTH
from codec.codes.universal import NAMES as universal_names
from codec.codes.universal import is_universal, universal
from codec.coding.file import opened
from codec.coding.learn import transformed
from codec.coding.step import Transform
from codec.coding.steps import TRANSFORMS, transform_named
from codec.errors import StreamError, UsageError
from codec.files import tables
from codec.files.container import MAGIC
from codec.readings import arrow
from codec.readings.npy import NPY_MAGIC
from codec.readings.stream import Stream, tally_stream
from codec.theory import sources
from codec.theory.alphabet import kind_text, match
from codec.theory.distribution import Distribution
from codec.theory.labels import Labels, int_array
from codec.theory.prediction import Prediction

GZIP_MAGIC = b"\x1f\x8b"


def subject(name: str, options: Namespace, of: Prediction | None = None) -> Distribution | PrefixCode:
    """A distribution or a code by what the user calls it: a built-in name, a JSON or coded file, a stream.

    `of` is what the labels of the others are of, with which this one is to be compared.
    """
    if not is_stream(name):
        return as_asked(name, table_named(name, options.raw, options.step), options)
    refuse_unknown(name)
    if is_array(name):
        transform, _ = transform_of_options(options)
        return array_distribution(name, options, transform.name if transform.step or of is None else of.name)
    if not options.raw and _begins(name, MAGIC):
        return as_asked(name, _table_inside(name), options)
    with opened_stream(name, options) as stream:
        return tallied(coded_stream(stream, options, of))


def coded_stream(stream: Stream, options: Namespace, of: Prediction | None = None) -> Stream:
    """The stream, or what the transform that is asked for makes of it; `of` is what others are, if any is asked for."""
    transform, order = transform_of_options(options)
    if of is not None and transform.step is None:
        transform = transform_named(of.name)
    return transformed(stream, transform, BLOCK_SIZE, order, of if of and of.name == transform.name else None)


_Thing = TypeVar("_Thing", Distribution, PrefixCode, Distribution | PrefixCode)


def as_asked(name: str, thing: _Thing, options: Namespace) -> _Thing:
    """A saved table, of what the options say: one that does not say what it is of is of that."""
    transform, _ = transform_of_options(options)
    labels = thing.labels if isinstance(thing, Distribution) else thing.alphabet
    of = labels.singles.of
    if transform.step is None or (of is not None and of.name == transform.name):
        return thing
    if of is not None or transform.of is None:
        asked = " ".join(f"--{word}" for word in transform.option.split())
        raise UsageError(f"{name} is a table of {labels.singles.of_what}, and {asked} asks for another")
    if labels.singles.kind != "int":
        raise StreamError(f"{name} has labels of kind {kind_text(labels.singles)}, and {transform.plural} are numbers")
    if isinstance(thing, Distribution):
        return Distribution(labels.marked(transform.of), thing.weights)  # type: ignore[return-value]
    return replace(thing, alphabet=labels.marked(transform.of))


def transform_of_options(options: Namespace) -> tuple[Transform, int | None]:
    """The transform that is asked for, and the order of linear prediction if one is."""
    names = asked_transforms(options)
    found = [one for one in TRANSFORMS if one.option == " ".join(names)]
    if not found:
        raise UsageError(f"--{' and --'.join(names)} exclude each other; --ranks --linear go together")
    return found[0], getattr(options, "linear", None) or None


def asked_transforms(options: Namespace) -> list[str]:
    """The options that ask for a transform, without dashes; an order of 0 is any."""
    words = dict.fromkeys(word for one in TRANSFORMS for word in one.option.split())
    return [word for word in words if getattr(options, word, None) is not None and getattr(options, word) is not False]


def _begins(name: str, *marks: bytes) -> bool:
    with contextlib.suppress(OSError), open(name, "rb") as file:
        return name != "-" and file.seekable() and file.read(len(MAGIC)).startswith(marks)
    return False


def _table_inside(name: str) -> PrefixCode:
    """The table that a coded file carries."""
    with in_file(name), open(name, "rb") as file:
        code = opened(file).code
    if isinstance(code, PrefixCode):
        return code
    raise StreamError(f"{name} has a code for each reading that may come before, and no single table: codec inspect")


def table_named(name: str, raw: bool = False, step: str | None = None) -> Distribution | PrefixCode:
    """A distribution or a code by its built-in name or its JSON file.

    Where streams are read as bytes (`raw`), the labels of a built-in distribution are bytes too, not characters; where
    they are rounded to a `step`, the integers of a code that was made for no data count steps.
    """
    refuse_unknown(name)
    if not _is_known(name):
        if _begins(name, MAGIC):
            raise StreamError(
                f"{name} is a coded file, and a table is wanted: save its table (codec table {name} -o TABLE.json)"
            )
        if _begins(name, NPY_MAGIC, GZIP_MAGIC, *arrow.MAGICS):
            raise StreamError(
                f"{name} is a stream of readings, and a table is wanted: save its table (codec table -o TABLE.json)"
            )
        return tables.load(name)
    if name in standard.NAMES:
        return standard.standard(name)
    try:
        if is_universal(name):
            code = universal(name)
            return code if step is None else replace(code, alphabet=Labels("int", code.alphabet.values, step))
        p = sources.built_in(name) if name in NAMES else inline(name)
    except ValueError as error:
        raise StreamError(f"{name}: {error}") from None
    if not raw or p.labels.kind != "str" or any(len(label) > 1 for label in p.labels):
        return p
    return Distribution(Labels("int", np.array([ord(label) for label in p.labels], np.int64)), p.weights)


def refuse_unknown(name: str) -> None:
    """Refuse what is neither a file nor a distribution."""
    if name != "-" and not _is_known(name) and not os.path.exists(name):
        raise StreamError(
            f"there is no file {name!r}, and no such distribution: there are {', '.join((*NAMES, *universal_names))}, "
            "and your own: 0.5,0.5 or a=0.5,b=0.5"
        )


def _is_known(name: str) -> bool:
    """Whether a name is that of a distribution built in, or is one itself; a file of this name comes first."""
    return (name in NAMES or is_universal(name) or is_inline(name)) and not os.path.exists(name)


def is_stream(name: str) -> bool:
    """Whether a name is that of a stream, and not of a distribution or a table."""
    return not name.endswith(".json") and not _is_known(name)


def distribution_named(name: str, raw: bool = False) -> Distribution:
    """A distribution by its built-in name or its file; of a saved code, the weights it was made from."""
    return weighted(name, table_named(name, raw))


def weighted(name: str, thing: Distribution | PrefixCode) -> Distribution:
    """A distribution itself; of a saved code, the weights it was made from."""
    if isinstance(thing, Distribution):
        return thing
    if thing.weights is None:
        raise StreamError(f"{name} is a code without weights, and a distribution is needed")
    return Distribution(thing.alphabet, thing.weights)


def widened(name: str, q: Distribution, p: Distribution) -> Distribution:
    """A distribution that has the labels of p too, those that it lacks with the weight 0."""
    try:
        _, unknown = match(q.labels, p.labels)
        if unknown is None:
            return q
        if (q.labels.kind, q.labels.step) != (p.labels.kind, p.labels.step):
            raise ValueError(f"its labels are of kind {kind_text(q.labels)}, and those of p {kind_text(p.labels)}")
    except ValueError as error:
        raise StreamError(f"{name} cannot be smoothed: {error}") from None
    added = p.labels.take(np.flatnonzero(unknown)).values.tolist()
    both = [*q.labels.values.tolist(), *added]
    values = int_array(both) if q.labels.kind == "int" else np.array(both, q.labels.values.dtype)
    return Distribution(Labels(q.labels.kind, values, q.labels.step), [*q.weights.tolist(), *[0] * len(added)])


def code_named(name: str, options: Namespace, construction: str | None = None) -> PrefixCode:
    """The code of a table, or of a distribution by a construction (Huffman's), that a file can be written with."""
    step = getattr(options, "step", None)
    thing = table_named(name, getattr(options, "raw", False), step if isinstance(step, str) else None)
    refuse_construction(name, thing, construction)
    if isinstance(thing, PrefixCode) and thing.all_lengths.max() > MAX_CODE_LENGTH:
        raise StreamError(
            f"{name} has codewords of {thing.all_lengths.max()} bits, and files hold at most {MAX_CODE_LENGTH}: "
            f"make it with --max-length {MAX_CODE_LENGTH}"
        )
    try:
        if isinstance(thing, Distribution) and construction is not None:
            thing = construct(construction, thing, MAX_CODE_LENGTH)
        return as_asked(name, as_code(thing), options)
    except ValueError as error:
        raise StreamError(f"{name}: {error}") from None


def refuse_construction(name: str, thing: Distribution | PrefixCode, construction: str | None) -> None:
    """Refuse to construct what has its lengths already."""
    if construction is not None and isinstance(thing, PrefixCode):
        raise UsageError(f"{name} has its lengths already: --construction needs a distribution")


def constructed_within(
    p: Distribution,
    max_length: int | None,
    construction: str | None,
    escape_weight: Fraction | None = None,
    intervals: bool = False,
) -> PrefixCode:
    """The code of a construction (Huffman's) under a limit, which is wrong usage if the code cannot keep it."""
    if intervals and construction not in (None, "huffman"):
        raise UsageError("--intervals is for Huffman's construction only")
    try:
        if intervals:
            return interval_code(p, max_length or MAX_CODE_LENGTH, escape_weight, listed=False)
        if construction in (None, "huffman"):
            return huffman(p, max_length, escape_weight)
        if escape_weight is None:
            return construct(construction, p, max_length)
    except ValueError as error:
        raise UsageError(str(error)) from None
    raise UsageError("--escape is for Huffman's construction only")


def tallied(stream: Stream) -> Distribution:
    """The distribution of a stream that is not empty."""
    labels, counts = tally_stream(stream)
    if not len(labels):
        raise StreamError(f"{stream.name} is empty, and has no distribution")
    return Distribution(labels, counts)
