"""Arrays in chunks that the tests measure; they are skipped where Dask or Zarr is not installed."""

import numpy as np
import pytest
from numpy.typing import NDArray

from codec.theory.sources import built_in, station


@pytest.fixture(scope="session")
def levels() -> NDArray[np.int16]:
    """Three stretches that differ: the NASA levels, the same from winter, and a station, 30 × 40 each."""
    parts = [built_in(name).sample(1200, 1) for name in ("nasa", "winter")]
    return np.concatenate([*parts, station(1200, 1)[0].values]).astype(np.int16).reshape(90, 40)
