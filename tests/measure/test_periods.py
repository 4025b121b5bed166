"""Windows of an audit: long enough by default, and by the calendar."""

from __future__ import annotations

import numpy as np
import pytest

import codec
from codec.errors import StreamError
from codec.measure.periods import periods_of
from codec.readings.values import from_values
from codec.theory.distribution import Distribution
from codec.theory.sources import built_in

DAYS = np.arange("2019-12-29", "2021-02-01", dtype="M8[D]")


@pytest.mark.parametrize("spelled", ["{}", "{}T12:00", "{} 06:00:00+01:00"])
def test_periods_are_those_of_the_calendar(spelled: str) -> None:
    times = from_values([spelled.format(day) for day in DAYS])
    assert dict(periods_of(times, "year")) == {"2019": 3, "2020": 366, "2021": 31}
    months = dict(periods_of(times, "month"))
    assert (months["2019-12"], months["2020-02"], months["2021-01"], len(months)) == (3, 29, 31, 14)
    weeks = periods_of(times, "week")
    assert weeks[:2] == [("2019-W52", 1), ("2020-W01", 7)] and len(weeks) == 58 and ("2020-W53", 7) in weeks
    assert len(periods_of(times, "day")) == len(DAYS)


@pytest.mark.parametrize("text", ["2012/01/31", "20120131", " 2012-01-31", "2012.01.31 noon"])
def test_dates_are_read_as_they_are_usually_written(text: str) -> None:
    assert periods_of(from_values([text]), "day") == [("2012-01-31", 1)]


@pytest.mark.parametrize("text", ["", "noon", "31.12.2021", "2021-13-01", "201201311200", "1325376000"])
def test_what_is_no_date_is_refused_with_its_place(text: str) -> None:
    with pytest.raises(StreamError, match=r"position 1: .* is no time: it begins with a year, a month and a day"):
        periods_of(from_values(["2021-12-31", text]), "month")


def test_times_out_of_order_are_refused() -> None:
    with pytest.raises(StreamError, match="position 2: 2021-01 stands after 2021-02: sort the rows by time"):
        periods_of(from_values(["2021-01-31", "2021-02-01", "2021-01-30"]), "month")


def test_an_audit_by_the_calendar_has_a_window_for_each_month() -> None:
    readings = built_in("nasa").sample(len(DAYS), 1)
    report = codec.audit(readings, built_in("nasa"), times=DAYS, every="month")
    assert [(w.period, w.count) for w in report.windows] == periods_of(from_values(DAYS.astype(str)), "month")
    assert "2020-02" in str(report)
    with pytest.raises(ValueError, match="another number of times"):
        codec.audit(readings[1:], built_in("nasa"), times=DAYS)
    with pytest.raises(ValueError, match="every is one of day, week, month, year, not 'hour'"):
        codec.audit(readings, built_in("nasa"), times=DAYS, every="hour")


def test_windows_are_as_many_as_hold_ten_readings_for_each_of_their_labels() -> None:
    labels = list(range(100))
    for count, windows in ((24_000, 24), (12_000, 12), (4_000, 4), (500, 24)):
        report = codec.audit(np.tile(labels, count // 100), Distribution(labels, [1] * 100))
        assert len(report.windows) == windows
        assert any(w.too_short for w in report.windows[:-1]) == (count == 500)  # the last may be shorter
