"""Series of pandas and arrays of pyarrow are readings as they are: zones, categories, nullable types."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from checks import same

import codec
from codec.theory.distribution import Distribution

HOURS = np.array(["2021-01-01T00", "2021-01-01T01", "2021-01-01T00"], "M8[us]")
ZONED = pd.Series(pd.to_datetime(HOURS).tz_localize("UTC").as_unit("us"))

SERIES: dict[str, tuple[Any, Any]] = {
    "zoned": (ZONED.dt.tz_convert("Europe/Zurich"), HOURS),
    "zoned index": (pd.DatetimeIndex(ZONED), HOURS),
    "zoned with a gap": (ZONED.shift(1), np.append(np.datetime64("NaT"), HOURS[:2])),
    "categories": (pd.Series(["a", "b", "a"], dtype="category"), np.array(["a", "b", "a"], object)),
    "categories of floats": (pd.Series([21.5, 21.6], dtype="category"), np.array([21.5, 21.6])),
    "nullable ints": (pd.Series([1, 2], dtype="Int16"), np.array([1, 2], np.int16)),
    "nullable floats": (pd.Series([21.5, 21.6], dtype="Float64"), np.array([21.5, 21.6])),
    "nullable bools": (pd.Series([True, False], dtype="boolean"), np.array([True, False])),
    "text": (pd.Series(["a", "b"], dtype="string"), np.array(["a", "b"], object)),
}  # fmt: skip


@pytest.mark.parametrize("name", SERIES)
def test_what_pandas_holds_is_coded_as_it_is(name: str) -> None:
    series, back = SERIES[name]
    assert same(codec.decode(codec.encode(series)), back)
    assert Distribution.from_stream(series) == Distribution.from_stream(back)


def test_a_column_of_decimals_has_the_labels_that_it_shows() -> None:
    series = pd.Series([21.5, 21.6, 21.5])
    assert Distribution.from_stream(series).labels.spellings == ["21.5", "21.6"]
    assert codec.encode(series) == codec.encode(series.to_numpy())


def test_what_pyarrow_holds_is_coded_as_it_is() -> None:
    pa = pytest.importorskip("pyarrow")
    for array, back in (
        (pa.array([1, 2, 1], "int16"), np.array([1, 2, 1], np.int16)),
        (pa.chunked_array([[21.5], [21.6, 21.5]]), np.array([21.5, 21.6, 21.5])),
        (pa.array(["a", "b"]), np.array(["a", "b"], object)),
        (pa.array(["a", "b"]).dictionary_encode(), np.array(["a", "b"], object)),
        (pa.array([True, False]), np.array([True, False])),
        (pa.array(HOURS).cast(pa.timestamp("us", "Europe/Zurich")), HOURS),
        (pa.array(HOURS.astype("M8[D]")), HOURS.astype("M8[D]")),
        (pa.table({"x": [1, 2]}).column("x"), np.array([1, 2])),
    ):
        assert same(codec.decode(codec.encode(array)), back)
        assert Distribution.from_stream(array) == Distribution.from_stream(back)
    series = pd.Series(ZONED, dtype=pd.ArrowDtype(pa.timestamp("us", "UTC")))
    assert same(codec.decode(codec.encode(series)), HOURS)
    for gaps in (pa.array(["a", None]), pa.array([True, None]), pa.nulls(2), pa.array([1, None]).dictionary_encode()):
        with pytest.raises(TypeError, match="have gaps, which are no readings: drop or fill the gaps first"):
            codec.encode(gaps)
