"""`codec compare`: prediction, expectation and measurement, and what separates them."""

import math

from command_line import fields, good, table_file
from scipy import stats

import codec
from codec.theory.sources import built_in

ROW = {
    *("q", "kl_prediction", "infinite", "dead_space", "expected_length", "expected_extra", "rounding_difference"),
    *("measured_length", "measured_extra", "standard_error", "z", "construction"),
}


def compared(*arguments):
    result = fields("compare", *arguments)
    assert set(result) >= {"entropy", "own_expected_length", "empirical", "count", "rows"}
    assert all(set(row) >= ROW for row in result["rows"])
    return result


def huffman_rows(result):
    """The rows of Huffman codes and tables; between them stand those of Shannon's codes."""
    rows = [row for row in result["rows"] if row["construction"] != "shannon"]
    beside = [row["q"] for row in result["rows"] if row["construction"] == "shannon"]
    assert beside == [row["q"] for row in rows if row["construction"] == "huffman"]
    return rows


def test_prediction_expectation_and_measurement_stand_side_by_side():
    result = compared("nasa", "winter", "uniform", "peaked")
    p = built_in("nasa")
    own = codec.huffman(p)
    assert math.isclose(result["entropy"], p.entropy()) and result["own_expected_length"] == 2.37
    assert (result["count"], result["empirical"]) == (100_000, False)
    rows = huffman_rows(result)
    assert [row["q"] for row in rows] == ["winter", "uniform", "peaked"]
    for row in rows:
        q = built_in(row["q"])
        assert math.isclose(row["kl_prediction"], stats.entropy(p.probabilities, q.probabilities, base=2))
        assert math.isclose(row["expected_length"], codec.huffman(q).expected_length(p))
        assert math.isclose(row["expected_extra"], row["expected_length"] - own.expected_length(p), abs_tol=1e-12)
        assert math.isclose(row["rounding_difference"], row["expected_extra"] - row["kl_prediction"], abs_tol=1e-9)
        assert row["z"] == (row["measured_extra"] - row["expected_extra"]) / row["standard_error"]
        assert abs(row["z"]) < 5 and row["infinite"] is False and row["dead_space"] is None


def test_extra_bits_are_exactly_their_kl_for_the_dyadic_pair():
    (row,) = huffman_rows(compared("dyadic", "dyadic-reversed"))
    assert row["kl_prediction"] == row["expected_extra"] == 4.5234375
    assert row["rounding_difference"] == 0


def test_measured_numbers_are_those_of_the_stream_given(stream):
    readings = [int(token) for token in stream.read_text().split()]
    result = compared("nasa", "winter", "--stream", stream)
    winter, nasa = (codec.huffman(built_in(name)).codewords for name in ("winter", "nasa"))
    (row,) = huffman_rows(result)
    assert result["count"] == 3001 and result["empirical"] is False and row["z"] is not None
    assert row["measured_length"] == sum(len(winter[r]) for r in readings) / 3001
    assert math.isclose(row["measured_extra"], row["measured_length"] - sum(len(nasa[r]) for r in readings) / 3001)


def test_when_p_is_the_stream_expectation_and_measurement_coincide_by_definition(stream):
    for way in ([], ["--stream", stream]):
        result = compared(stream, "nasa", "winter", *way)
        assert result["empirical"] is True and result["count"] == 3001
        for row in result["rows"]:
            assert row["z"] is None
            assert math.isclose(row["expected_extra"], row["measured_extra"], abs_tol=1e-12)
            assert math.isclose(row["expected_length"], row["measured_length"])
        shown = good("compare", stream, "nasa", "winter", *way).text
        assert "expectation and measurement are one by definition" in shown
    assert "by definition" not in good("compare", "nasa", "winter", "-n", 1000).text


def test_a_q_that_lacks_a_label_is_infinite_and_never_clipped(tmp_path):
    table_file(tmp_path / "q.json", [100, 105], weights=[1, 1])
    (row,) = huffman_rows(compared("nasa", tmp_path / "q.json", "-n", 500))
    assert row["infinite"] is True
    assert all(row[key] is None for key in ROW - {"q", "infinite", "construction"})
    assert "∞" in good("compare", "nasa", tmp_path / "q.json", "-n", 500).text


def test_a_q_that_is_an_incomplete_table_pays_for_its_dead_space(tmp_path):
    p = table_file(tmp_path / "p.json", ["a", "b"], weights=[3, 1])
    q = table_file(tmp_path / "q.json", ["a", "b"], lengths=[1, 3])
    result = compared(p, q, "-n", 500)
    (row,) = huffman_rows(result)
    implied = [0.8, 0.2]  # 1/2 and 1/8 over 5/8
    assert math.isclose(row["dead_space"], -math.log2(5 / 8))
    assert math.isclose(row["kl_prediction"], stats.entropy([0.75, 0.25], implied, base=2))
    assert row["expected_length"] == 1.5 and row["expected_extra"] == 0.5
    assert math.isclose(row["expected_length"], result["entropy"] + row["kl_prediction"] + row["dead_space"])
    assert "dead space" in good("compare", p, q, "-n", 500).text


def test_there_is_no_standard_error_below_300_readings_or_without_variance():
    for count, error in ((0, None), (299, None), (300, float)):
        (row,) = huffman_rows(compared("nasa", "winter", "-n", count))
        assert row["standard_error"] is None if error is None else row["standard_error"] > 0
        assert (row["z"] is None) == (error is None)
        assert (row["measured_extra"] is None) == (count == 0)
    (row,) = huffman_rows(compared("nasa", "nasa", "-n", 1000))
    assert (row["measured_extra"], row["expected_extra"], row["standard_error"], row["z"]) == (0, 0, None, None)
    assert "Below 300 readings" in good("compare", "nasa", "winter", "-n", 299).text


def test_a_q_may_be_a_stream_and_a_column_is_read_from_every_stream(tmp_path, stream):
    rows = huffman_rows(compared(stream, stream, "nasa"))
    assert rows[0]["kl_prediction"] == 0 and rows[0]["expected_extra"] == 0
    path = tmp_path / "x.csv"
    path.write_text("day,level\n1,100\n2,105\n3,105\n4,105\n")
    assert compared(path, path, "nasa", "--column", "level")["count"] == 4
    assert compared("nasa", "winter", "--stream", path, "--column", "level")["count"] == 4
    piped = fields("compare", "-", "nasa", stdin=stream.read_bytes())
    assert piped == compared(stream, "nasa")
