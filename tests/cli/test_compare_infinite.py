"""`codec compare` where the code for Q cannot write all of P: who is responsible, and the ways out."""

import math

import pytest
from command_line import good, misused, refused

import codec


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "old.txt").write_text("1\n1\n2\n3\n")
    (tmp_path / "new.txt").write_text("1\n1\n2\n7\n7\n9\n3\n")
    (tmp_path / "one.txt").write_text("1\n1\n2\n3\n3\n9\n")
    good("table", "old.txt", "--escape", "-o", "old.json")
    return tmp_path


def test_the_readings_behind_an_infinity_are_counted_named_and_weighed(folder):
    text = " ".join(good("compare", "new.txt", "old.txt").text.split())
    assert "the code for old.txt has no codeword for 2 labels of p, 42.9 % of it; the most frequent is 7." in text
    assert "--smooth ALPHA" in text and "--escape" in text and text.count("∞:") == 1
    row = good("compare", "new.txt", "old.txt", "--json").json()["rows"][0]
    assert row["missing"] == {"labels": 2, "first": "7", "share": pytest.approx(3 / 7)}
    assert "has no codeword for label 9 of p, 16.7 % of it." in good("compare", "one.txt", "old.txt").text


def test_with_an_escape_the_price_is_finite_and_measured_and_those_who_escape_are_named(folder):
    shown = [good("compare", "new.txt", *q, "--json").json()["rows"] for q in (["old.json"], ["old.txt", "--escape"])]
    assert [len(rows) for rows in shown] == [1, 1] and shown[0][0] == {**shown[1][0], "q": "old.json"}
    row = shown[0][0]
    assert row["measured_length"] == row["expected_length"] > 0 and row["infinite"] and row["missing"]["labels"] == 2
    text = " ".join(good("compare", "new.txt", "old.json").text.split())
    assert "the most frequent is 7. Its escape and their raw values stand for them." in text and "--smooth" not in text


def test_smoothing_gives_all_labels_of_p_a_weight(folder):
    first, second = good("compare", "new.txt", "old.txt", "--smooth", "0.5", "--json").json()["rows"]
    p = codec.Distribution.from_stream([1, 1, 2, 7, 7, 9, 3])
    q = codec.Distribution([1, 2, 3, 7, 9], [2.5, 1.5, 1.5, 0.5, 0.5])
    assert math.isclose(first["kl_prediction"], codec.relative_entropy(*p.aligned(q)))
    assert not first["infinite"] and first["measured_extra"] is not None and second["construction"] == "shannon"
    good("compare", "new.txt", "old.txt", "--smooth", "0.5", "--escape")


def test_of_two_reasons_for_no_measurement_the_one_that_holds_is_said(folder):
    text = " ".join(good("compare", "old.txt", "old.json", "--stream", "new.txt").text.split())
    assert "old is not measured: with the code for p, new.txt, line 4: the reading 7 has no codeword" in text
    p, long = codec.Distribution([1, 3], [1, 1]), codec.PrefixCode.from_lengths([1, 3], [1, 40])
    price = codec.mismatch(p, long, [1, 3])
    assert price.unmeasured == "the code for q has codewords of 40 bits, and a file holds up to 32"
    assert codec.mismatch(p, p, [1, 3]).unmeasured is None is codec.mismatch(p, long).unmeasured


def test_options_that_do_not_go_together_are_refused(folder):
    codec.save(codec.PrefixCode.from_lengths([1, 2], [1, 1]), folder / "bare.json")
    assert "not allowed with" in misused("compare", "new.txt", "old.txt", "--escape", "--blocks", "2")
    assert "Huffman's construction only" in misused("compare", "nasa", "winter", "--escape", "--construction", "fano")
    assert "code without weights" in refused("compare", "new.txt", "bare.json", "--smooth", "1")
    (folder / "other.txt").write_text("0.5\n1.5\n")
    assert "cannot be smoothed: its labels are of kind" in refused("compare", "other.txt", "old.txt", "--smooth", "1")
