"""Results for programs: what `--json` prints, under stable keys, numbers unrounded."""

from __future__ import annotations

import math
from dataclasses import is_dataclass
from fractions import Fraction
from typing import Any

from codec.codes.certificate import Certificate
from codec.measure.ledger import Ledger
from codec.measure.memory import Memory
from codec.measure.mismatch import Mismatch

_LEFT_OUT = ("distribution", "label", "code", "how")  # objects of this library, which JSON has no form for


def as_json(result: Any) -> Any:
    """A result, such as an audit or a ledger, in the types that JSON has.

    A dataclass becomes a dict of its attributes, a tuple a list, a fraction a float, and an infinity None.

    >>> as_json(Memory(9, 1.5, 0.5, 0.25, False))["bits_per_reading"]  # chance may explain it: null, not a number
    """
    if isinstance(result, (list, tuple)):
        return [as_json(each) for each in result]
    if isinstance(result, (float, Fraction)):
        return None if math.isinf(result) else float(result)
    if not is_dataclass(result):
        return result
    fields = {key: value for key, value in vars(result).items() if key not in _LEFT_OUT}
    if isinstance(result, Ledger):
        fields["ledger"] = _items(fields.pop("lines").items())
    elif isinstance(result, Certificate):
        ratio = result.kraft_sum.as_integer_ratio()
        fields |= {"kraft_sum": ratio, "optimal": result.optimal, "gallager_applies": result.gallager_applies}
    elif isinstance(result, Mismatch):
        fields["infinite"] = math.isinf(result.kl_prediction)
    elif isinstance(result, Memory) and not result.tells:
        fields |= dict.fromkeys(("bits_per_reading", "shuffled_mean", "shuffled_deviation"))
    elif fields.get("split"):
        fields["split"] = _items(fields["split"])
    return {key: as_json(value) for key, value in fields.items()}


def _items(amounts: Any) -> list[dict[str, Any]]:
    return [{"item": item, "bits": bits} for item, bits in amounts]
