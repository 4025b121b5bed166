"""Values of other libraries, pandas and pyarrow for example, as NumPy arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def array_of(values: Any) -> NDArray[Any] | None:
    """The values as an array, if they are one or convert to one exactly, else None.

    Times with a zone become times in UTC, and their gaps NaT.

    Raises
    ------
    TypeError
        For other gaps, which are no readings (NaN is one); for arrays in chunks, as those of Dask and Zarr.
    """
    if isinstance(values, np.ndarray):
        return values
    if hasattr(values, "null_count") and hasattr(values, "type"):  # of pyarrow
        _refuse(values.null_count, values.type)
        array = values.to_numpy(zero_copy_only=False)
    else:
        dtype: Any = getattr(values, "dtype", None)
        kind = getattr(dtype, "pyarrow_dtype", dtype)
        zoned = getattr(kind, "tz", None) is not None
        if dtype is not None and not isinstance(dtype, np.dtype) and not zoned and hasattr(values, "isna"):
            _refuse(values.isna().any(), dtype)
        if not hasattr(values, "to_numpy") and hasattr(values, "chunks") and hasattr(values, "shape"):
            raise TypeError(
                "an array in chunks may be larger than memory: codec.arrays.counts.distribution_of counts it, "
                "codec.arrays.measure.audit audits it, and numpy.asarray takes it into memory"
            )
        array = getattr(values, "to_numpy", lambda: None)(**{"dtype": f"M8[{kind.unit}]"} if zoned else {})
    return array if isinstance(array, np.ndarray) else None


def _refuse(gaps: Any, dtype: Any) -> None:
    if gaps:
        raise TypeError(f"values of type {dtype} have gaps, which are no readings: drop or fill the gaps first")
