"""Each step of a sweep is what packing the rounded readings gives."""

import numpy as np
import pytest
from command_line import ROOT, fields, good, misused, refused

from codec.codes.prefix import huffman
from codec.errors import StreamError
from codec.nodes.sweep import sweep
from codec.readings.values import from_values
from codec.show.sweep_figure import rate_and_error
from codec.theory.distribution import Distribution

STATION = ROOT / "samples" / "station.csv"
READINGS = np.round(20 + np.cumsum(np.random.default_rng(1).normal(0, 0.3, 500)), 2)


@pytest.mark.parametrize("delta", [False, True])
def test_the_errors_and_costs_are_those_of_the_rounded_readings(delta):
    for found in sweep(from_values(READINGS), ["0.01", "0.1", "0.5"], 10, delta):
        step = float(found.step)
        places = np.array([round(x) for x in (READINGS / step).round(9)])
        assert found.largest_error == pytest.approx(np.abs(READINGS - places * step).max(), abs=1e-9)
        assert found.rms_error == pytest.approx(np.sqrt(np.mean((READINGS - places * step) ** 2)), abs=1e-9)
        assert found.largest_error <= step / 2 + 1e-12
        coded = np.diff(places) if delta else places
        p = Distribution.from_stream(coded)
        assert found.labels == len(p) and found.entropy == pytest.approx(p.entropy())
        assert found.huffman_mean == pytest.approx(huffman(p).expected_length(p))
        start, left = (found.raw_bits, 9) if delta else (0, 10)
        assert abs(8 * found.mean_bytes - start - left * found.huffman_mean) < 8  # padding; differences between packets
        assert delta or found.bits_per_reading >= found.huffman_mean - 1e-9
        assert -(1 << found.raw_bits - 1) <= places.min() <= places.max() < 1 << found.raw_bits - 1


def test_a_last_packet_of_fewer_readings_makes_no_reading_cheaper():
    (found,) = sweep(from_values(READINGS[:25]), ["0.1"], 24)
    assert found.bits_per_reading >= found.huffman_mean >= found.entropy
    packets = rate_and_error([found], 24, False).axes[0].lines[0]
    assert packets.get_ydata()[0] == found.bits_per_reading == 8 * 2 * found.mean_bytes / 25


def test_what_is_no_number_or_nothing_is_refused(tmp_path):
    with pytest.raises(StreamError, match="empty"):
        sweep(from_values(np.zeros(0)), ["1"])
    (tmp_path / "s.txt").write_text("a\nb\n")
    assert "line 1" in refused("sweep", tmp_path / "s.txt", "--step", "1")
    assert "a step is a positive decimal number" in misused("sweep", tmp_path / "s.txt", "--step", "1,-1")
    assert "required" in misused("sweep", tmp_path / "s.txt")


def test_the_verb_prints_a_line_each_and_draws(tmp_path):
    said = ["sweep", STATION, "--column", "temperature", "--step", "0.1,0.5", "--delta"]
    assert [each["step"] for each in fields(*said, "--json")["settings"]] == ["0.1", "0.5"]
    text = good(*said, "-o", tmp_path / "s.svg").text
    assert [line.split()[0] for line in text.splitlines()[2:4]] == ["0.1", "0.5"]
    drawn = (tmp_path / "s.svg").read_text()
    assert "bits a reading" in drawn and ">0.5<" in drawn
    assert "a figure is an .svg" in misused(*said, "-o", tmp_path / "s.txt")
