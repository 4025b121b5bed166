"""What labels are of, if not of readings: what is left of each reading when its prediction is taken away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, eq=False)
class Prediction:
    """How each reading is predicted; what is coded is the reading minus that.

    Attributes
    ----------
    name : str
        The name of the transform, "differences" for example; see `codec.coding.steps`.
    ranks : Labels or None
        Sorted labels of readings, if the places of readings among them are predicted and not the readings.
    weights : tuple of int
        Of linear prediction: the readings before, the last one first, times these, over 2**shift. Empty: the last
        reading itself is the prediction.
    shift : int

    Examples
    --------
    >>> Prediction("differences") == Prediction("differences")
    True
    """

    name: str
    ranks: Any = None
    weights: tuple[int, ...] = ()
    shift: int = 0

    @property
    def identity(self) -> tuple[Any, ...]:
        """What predictions are compared by."""
        return self.name, None if self.ranks is None else self.ranks.identity, self.weights, self.shift

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Prediction) and self.identity == other.identity

    def __hash__(self) -> int:
        return hash(self.identity)
