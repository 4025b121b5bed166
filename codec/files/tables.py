"""Distributions and codes as JSON: load, save.

    {"kind": "distribution", "labels": [...], "weights": [...]}
    {"kind": "code", "labels": [...], "lengths": [...], "escape": 7, "fingerprint": "", "weights": [...],
     "made_with": {"max_length": 12, "smooth": "1/2", "escape": "1"}}

Tables of differences, ranks or residuals say so, and an interval code has "intervals": see `codec.files.table_fields`.

Labels are ints, floats or strings of JSON. With "label_kind": "bytes" they are hexadecimal strings; with "float", those
that are not finite are their bit patterns in hexadecimal. Labels on a grid are ints k beside a "step". "escape" is the
length of the escape's codeword, if there is one. A fingerprint is checked if there is one, and the weights of a code
are those it was made from. "made_with" is what a fresh table is to be made with too: see `codec.files.made`.
"""

from __future__ import annotations

import json
import math
import os
import re
import struct
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Any

import numpy as np

from codec.codes.prefix import PrefixCode
from codec.codes.serialize import STEP
from codec.errors import TableError
from codec.files.made import Made, made_fields, made_from
from codec.files.output import output
from codec.files.table_fields import interval_code_from, interval_fields, is_int, prediction_fields, prediction_from
from codec.theory.distribution import Distribution, as_distribution
from codec.theory.labels import Labels, labels_of, objects
from codec.theory.weights import exact_weights

_PATTERN = re.compile("[0-9a-f]{16}")


def save(thing: Distribution | PrefixCode, path: str | os.PathLike[str], force: bool = True) -> None:
    """Write a distribution or a code as JSON; a file of that name is replaced, in one step."""
    data = dumps(thing).encode("ascii")
    with output(path, force) as file:
        file.write(data)


def dumps(thing: Distribution | PrefixCode, made: Made | None = None) -> str:
    """A distribution (or a mapping label -> weight) or a code as JSON text."""
    if isinstance(thing, Mapping):
        thing = as_distribution(thing)
    if not isinstance(thing, (Distribution, PrefixCode)):
        raise TypeError(f"a Distribution or a PrefixCode can be saved, not {type(thing).__name__}")
    alphabet = thing.labels if isinstance(thing, Distribution) else thing.alphabet
    if alphabet.kind == "tuple":
        raise ValueError("blocks of labels cannot be saved")
    fields: dict[str, Any] = {"kind": "distribution" if isinstance(thing, Distribution) else "code"}
    if alphabet.kind != "int":
        fields["label_kind"] = alphabet.kind
    if alphabet.step != "1":
        fields["step"] = alphabet.step
    fields |= prediction_fields(alphabet.of) | _own_fields(thing)
    if made is not None:
        fields["made_with"] = made_fields(made)
    lines = ",\n  ".join(f"{json.dumps(key)}: {json.dumps(value)}" for key, value in fields.items())
    return f"{{\n  {lines}\n}}\n"


def _own_fields(thing: Distribution | PrefixCode) -> dict[str, Any]:
    """Labels, lengths and weights."""
    weights = {} if thing.weights is None else {"weights": thing.weights.tolist()}
    if isinstance(thing, Distribution):
        return {"labels": _json_labels(thing.labels)} | weights
    signed = ({"escape": thing.escape_length} if thing.escape_length else {}) | {"fingerprint": thing.fingerprint}
    if thing.widths is None:
        return {"labels": _json_labels(thing.alphabet), "lengths": thing.lengths.tolist()} | signed | weights
    fields = interval_fields(thing)
    weights = {"weights": fields.pop("weights")} if "weights" in fields else {}
    return fields | signed | weights


def _json_labels(alphabet: Labels) -> list[Any]:
    if alphabet.kind == "bytes":
        return [value.hex() for value in alphabet]
    if alphabet.kind == "float":
        return [
            value if math.isfinite(value) else format(pattern, "016x")
            for value, pattern in zip(alphabet, alphabet.values.tolist(), strict=True)
        ]
    return list(alphabet.values.tolist())


def made_with(path: str | os.PathLike[str]) -> Made | None:
    """What a saved code was made with; None where its table does not say."""
    with open(path, "rb") as file:
        fields = json.loads(file.read())  # which `load` has read before
    try:
        return made_from(fields["made_with"]) if "made_with" in fields else None
    except TableError as error:
        raise TableError(f"{path}: {error}") from None


def load(path: str | os.PathLike[str]) -> Distribution | PrefixCode:
    """Read what `save` wrote, or what a person did.

    Raises
    ------
    TableError
        If it is not a table; the message names the file and the entry.
    """
    with open(path, "rb") as file:
        data = file.read()
    try:
        fields = json.loads(data, parse_float=Decimal, parse_constant=Decimal)
    except (ValueError, InvalidOperation) as error:  # InvalidOperation: a number with an exponent beyond all bounds
        raise TableError(f"{path} is not JSON: {error}") from None
    except RecursionError:
        raise TableError(f"{path} is no table: its JSON is nested too deeply") from None
    try:
        return _from_fields(fields)
    except (TableError, ValueError, TypeError, OverflowError) as error:
        raise TableError(f"{path}: {error}") from None
    except RecursionError:
        raise TableError(f"{path} is no table: an entry is nested too deeply") from None


def _from_fields(fields: Any) -> Distribution | PrefixCode:
    if not isinstance(fields, dict) or fields.get("kind") not in ("distribution", "code"):
        raise TableError('a table is a JSON object with "kind": "distribution" or "code"')
    of = prediction_from(fields)
    if fields["kind"] == "code" and "intervals" in fields:
        code = interval_code_from(fields, _step_of(fields), _escape_of(fields))
        return _signed(replace(code, alphabet=code.alphabet.marked(of)), fields)
    needed = ("labels", "weights" if fields["kind"] == "distribution" else "lengths")
    for key in needed:
        if not isinstance(fields.get(key), list):
            raise TableError(f'a {fields["kind"]} has a list "{key}"')
    alphabet = _labels_from(fields["labels"], fields.get("label_kind"), fields.get("step", "1")).marked(of)
    if of is not None and alphabet.kind != "int":
        raise TableError(f"the labels of a table of {of.name} are ints, and these are of kind {alphabet.kind}")
    if fields["kind"] == "distribution":
        return Distribution(alphabet, fields["weights"])
    lengths = fields["lengths"]
    if not all(map(is_int, lengths)):
        raise TableError('"lengths" are ints')
    if any(abs(length) > 1 << 16 for length in lengths):
        raise TableError('some of the "lengths" are absurd')
    code = PrefixCode.from_lengths(alphabet, np.array(lengths, np.int64), _escape_of(fields))
    weights = fields.get("weights")
    return _signed(code if weights is None else replace(code, weights=exact_weights(weights, alphabet)), fields)


def _escape_of(fields: dict[str, Any]) -> int:
    escape = fields.get("escape", 0)
    if not is_int(escape) or not 0 <= escape <= 1 << 16:
        raise TableError('"escape" is the length of a codeword, an int')
    return int(escape)


def _step_of(fields: dict[str, Any]) -> str:
    return _labels_from([0], None, fields.get("step", "1")).step


def _signed(code: PrefixCode, fields: dict[str, Any]) -> PrefixCode:
    """The code, if its fingerprint is the one that is claimed."""
    claimed = fields.get("fingerprint")
    if claimed and claimed != code.fingerprint:
        raise TableError(f"its fingerprint should be {code.fingerprint}, and it says {claimed}: it has been changed")
    return code


def _labels_from(labels: list[Any], kind: Any, step: Any) -> Labels:
    plain = [float(label) if isinstance(label, Decimal) else label for label in labels]
    if kind == "bytes":
        return Labels("bytes", objects([bytes.fromhex(label) for label in labels]))
    for label in plain:
        if not isinstance(label, (float, str)) and not is_int(label):
            raise TableError(f"a label is a number or a string, not {json.dumps(label, default=str)}")
    if kind == "float":
        return Labels("float", np.array([_pattern(label) for label in plain], np.uint64))
    alphabet = labels_of(plain)
    if kind not in (None, alphabet.kind):
        raise TableError(f'"label_kind" is {json.dumps(kind)}, and the labels are of kind {alphabet.kind}')
    if step == "1":
        return alphabet
    if not isinstance(step, str) or not STEP.fullmatch(step.encode()) or alphabet.kind != "int":
        raise TableError(f'"step" is a positive decimal number in a string, beside labels that are ints; not {step!r}')
    return Labels("int", alphabet.values, step)


def _pattern(label: float | str) -> int:
    if not isinstance(label, str):
        return int(struct.unpack(">Q", struct.pack(">d", float(label)))[0])
    if not _PATTERN.fullmatch(label):
        raise TableError(f"a float is a number or a bit pattern of 16 hexadecimal digits, not {label!r}")
    return int(label, 16)
