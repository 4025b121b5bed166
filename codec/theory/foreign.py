"""Values of other libraries, pandas and pyarrow for example, as NumPy arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

_NUMBERS = ("int", "uint", "halffloat", "float", "double")  # types of pyarrow


def array_of(values: Any) -> NDArray[Any] | None:
    """The values as an array, if they are one or convert to one exactly, else None.

    Times with a zone become times in UTC, and their gaps NaT. Nullable numbers with gaps become a masked array.

    Raises
    ------
    TypeError
        For other gaps, which are no readings (NaN is one); for arrays in chunks, as those of Dask and Zarr.

    Examples
    --------
    >>> array_of(np.ma.array([1, 2, 3], mask=[False, True, False]))
    masked_array(data=[1, --, 3],
                 mask=[False,  True, False],
           fill_value=999999)
    """
    if isinstance(values, np.ndarray):
        return values
    if hasattr(values, "null_count") and hasattr(values, "type"):  # of pyarrow
        if values.null_count:
            _refuse_gaps(values.type, str(values.type).startswith(_NUMBERS))
            return np.ma.MaskedArray(values.fill_null(0).to_numpy(), np.asarray(values.is_null()))
        array = values.to_numpy(zero_copy_only=False)
    else:
        dtype: Any = getattr(values, "dtype", None)
        kind = getattr(dtype, "pyarrow_dtype", dtype)
        zoned = getattr(kind, "tz", None) is not None
        if dtype is not None and not isinstance(dtype, np.dtype) and not zoned and hasattr(values, "isna"):
            gaps, numbers = np.asarray(values.isna()), getattr(dtype, "numpy_dtype", None)
            if gaps.any():
                _refuse_gaps(dtype, numbers is not None and numbers.kind in "iuf")
                return np.ma.MaskedArray(values.to_numpy(numbers, na_value=0), gaps)
            if isinstance(numbers, np.dtype):  # pandas 2.1 gives objects, unless it is asked for these
                return np.asarray(values.to_numpy(numbers))
        if in_chunks(values):
            raise TypeError(
                "an array in chunks may be larger than memory: codec.distribution_of counts it, codec.audit audits it, "
                "and numpy.asarray takes it into memory"
            )
        array = getattr(values, "to_numpy", lambda: None)(**{"dtype": f"M8[{kind.unit}]"} if zoned else {})
    return array if isinstance(array, np.ndarray) else None


def in_chunks(values: Any) -> bool:
    """Whether they are an array in chunks, as those of Dask and Zarr: it may be larger than memory."""
    return hasattr(values, "shape") and getattr(values, "chunks", None) is not None


def _refuse_gaps(dtype: Any, are_numbers: bool) -> None:
    if not are_numbers:
        raise TypeError(f"values of type {dtype} have gaps, which are no readings: drop or fill the gaps first")
