"""Sources: the built-in distributions, and streams whose entropy rate is known."""

import math
from fractions import Fraction

import numpy as np
import pytest
import strategies
from hypothesis import given
from hypothesis import strategies as st

from codec.codes.prefix import huffman
from codec.theory.distribution import Distribution
from codec.theory.sources import (
    NAMES,
    STATION_HOURS,
    built_in,
    drifting,
    drifting_rate,
    independent,
    station,
    sticky,
    sticky_rate,
)

NASA, PEAKED = built_in("nasa"), built_in("peaked")
SOURCES = {
    "independent": lambda seed: independent(NASA, 500, seed)[0],
    "sticky": lambda seed: sticky(NASA, 500, seed, 0.7)[0],
    "drifting": lambda seed: drifting(NASA, PEAKED, 500, seed)[0],
    "station": lambda seed: station(500, seed)[0].values,
}


def test_the_same_seed_gives_the_same_stream():
    for make in SOURCES.values():
        assert make(1).tolist() == make(1).tolist() != make(2).tolist()


def test_the_streams_of_a_seed_are_pinned():
    # A promise across versions: a stream is named by its source and its seed.
    assert sticky(NASA, 10, 1, 0.5)[0].tolist() == [105, 180, 180, 174, 174, 174, 174, 174, 174, 174]
    assert drifting(NASA, PEAKED, 10, 1)[0].tolist() == [105, 180, 100, 174, 105, 105, 100, 100, 100, 100]
    assert station(6, 1)[0].values.tolist() == [24, 20, 13, -2, 0, 1]


def test_the_built_in_distributions_are_what_they_are_called():
    assert list(NASA.labels) == [100, 105, 110, 145, 160, 162, 174, 180]
    assert NASA.weights.tolist() == [30, 40, 5, 6, 7, 2, 5, 5]
    letters = built_in("letters")
    assert "".join(letters.labels) == "abcdefghijklmnopqrstuvwxyz "
    assert sum(letters.weights.tolist()) == 10_002  # MacKay's table sums to 1.0002
    assert round(letters.entropy(), 2) == 4.11
    assert round(huffman(letters).expected_length(letters), 2) == 4.15
    for name in "dyadic", "dyadic-reversed":
        p = built_in(name)
        assert huffman(p).expected_length(p) == p.entropy()
    assert built_in("uniform").entropy() == 3
    geometric = built_in("geometric")
    assert list(geometric.labels) == list(range(256))
    assert geometric.probabilities[100] / geometric.probabilities[99] == pytest.approx(0.98)
    assert all(len(built_in(name)) in (8, 27, 256) for name in NAMES)
    with pytest.raises(ValueError, match="no built-in distribution 'venus'; there are nasa, "):
        built_in("venus")


def test_independent_draws_have_the_entropy_as_rate():
    readings, rate = independent(NASA, 10, seed=1)
    assert rate == NASA.entropy()
    assert readings.tolist() == NASA.sample(10, seed=1).tolist()


def transition_entropy(p, persistence):
    """H(next | now) from the transition matrix, whose stationary distribution is checked to be p."""
    s, p = persistence, np.array(p)
    matrix = s * np.eye(len(p)) + (1 - s) * p[None, :]
    assert np.allclose(p @ matrix, p, atol=1e-15)
    return -sum(p[i] * x * math.log2(x) for i in range(len(p)) for x in matrix[i] if x > 0)


@given(strategies.weights(), st.floats(0, 0.999))
def test_the_sticky_rate_is_the_conditional_entropy_of_its_transition_matrix(weights, persistence):
    p = Distribution(range(len(weights)), weights)
    assert sticky_rate(p, persistence) == pytest.approx(transition_entropy(p.probabilities, persistence), abs=1e-9)


def test_without_persistence_a_sticky_source_is_independent():
    assert sticky_rate(NASA, 0) == pytest.approx(NASA.entropy(), abs=1e-12)
    assert sticky(NASA, 50, 1, 0)[1] == sticky_rate(NASA, 0)
    assert sticky_rate(Distribution("a", [1]), 0.5) == 0


@pytest.mark.parametrize("persistence", [0.0, 0.5, 0.9])
def test_a_sticky_source_has_the_marginal_p_and_repeats_as_often_as_it_should(persistence):
    n, more = 200_000, (1 + persistence) / (1 - persistence)
    readings, _ = sticky(NASA, n, seed=11, persistence=persistence)
    for label, p in zip(NASA.labels, NASA.probabilities, strict=True):
        # Autocorrelation s^k multiplies the variance of a frequency by (1 + s) / (1 - s); 5 sigma.
        assert abs((readings == label).mean() - p) <= 5 * math.sqrt(p * (1 - p) / n * more)
    again = persistence + (1 - persistence) * float((NASA.probabilities**2).sum())
    # Neighbouring repeats are correlated, by less than that factor in the variance; 5 sigma.
    repeats = (readings[1:] == readings[:-1]).mean()
    assert abs(repeats - again) <= 5 * math.sqrt(again * (1 - again) / n * more)


def test_a_persistence_that_is_none_is_refused():
    for bad in -0.1, 1.0, math.nan:
        with pytest.raises(ValueError, match="a probability below 1"):
            sticky(NASA, 10, 1, bad)
    assert len(sticky(NASA, 0, 1, 0.5)[0]) == 0


@given(strategies.pairs(positive_q=False), st.integers(1, 30))
def test_the_drifting_rate_is_the_mean_entropy_of_the_mixtures(pair, n):
    p, q = pair
    q_at = dict(zip(q.labels, q.probabilities.tolist(), strict=True))
    total = 0.0
    for i in range(n):
        t = (i + 0.5) / n
        mixed = [(1 - t) * a + t * q_at[label] for label, a in zip(p.labels, p.probabilities.tolist(), strict=True)]
        total -= math.fsum(x * math.log2(x) for x in mixed if x > 0)
    assert drifting(p, q, n, seed=1)[1] == pytest.approx(total / n, abs=1e-9)


def test_the_drifting_rate_is_the_same_in_pieces():
    t = (np.arange(40_000) + 0.5) / 40_000
    halves = [drifting_rate(NASA, PEAKED, part) for part in (t[:20_000], t[20_000:])]
    assert drifting_rate(NASA, PEAKED, t) == pytest.approx(sum(halves) / 2, abs=1e-9)


@pytest.mark.parametrize("reverse", [False, True])
def test_a_drifting_source_goes_from_p_to_q_whatever_the_order_of_their_labels(reverse):
    n = 100_000
    labels, weights = list(PEAKED.labels), PEAKED.weights.tolist()
    q = Distribution(labels[::-1], weights[::-1]) if reverse else PEAKED
    readings, _ = drifting(NASA, q, n, seed=21)
    for part in range(4):
        t = (np.arange(part * n // 4, (part + 1) * n // 4) + 0.5) / n
        for label, a, b in zip(NASA.labels, NASA.probabilities, PEAKED.probabilities, strict=True):
            mixed = (1 - t) * a + t * b
            count = (readings[part * n // 4 : (part + 1) * n // 4] == label).sum()
            # A sum of independent draws, each with its own probability; 5 sigma.
            assert abs(count - mixed.sum()) <= 5 * math.sqrt((mixed * (1 - mixed)).sum())


def test_drifting_to_a_label_that_p_lacks_is_refused_by_name():
    with pytest.raises(ValueError, match="labels that the first lacks: 'z'"):
        drifting(Distribution("ab", [1, 1]), Distribution("az", [1, 1]), 10, 1)
    readings, _ = drifting(Distribution("ab", [1, 0]), Distribution("b", [1]), 2000, 1)
    assert set(readings.tolist()) == {"a", "b"}
    assert len(drifting(NASA, PEAKED, 0, 1)[0]) == 0


def test_the_station_has_its_cycles_and_its_warmer_second_year():
    readings, rate = station()
    assert (len(readings), readings.step, rate) == (STATION_HOURS, "0.1", None)
    assert Fraction(readings.step) == Fraction(1, 10)
    degrees = readings.values / 10
    year = 365 * 24
    # The noise, an AR(1) process, has the standard deviation of an hour's innovation times
    # 1 / (1 - 0.95) / sqrt(hours) for a long mean; 5 sigma.
    sigma = 0.6 / (1 - 0.95) / math.sqrt(year)
    assert abs(degrees[year:].mean() - degrees[:year].mean() - 2.0) <= 5 * math.sqrt(2) * sigma
    assert abs(degrees[:year].mean() - 11.0) <= 5 * sigma
    hours = degrees[:year].reshape(365, 24).mean(axis=0)
    months = degrees[:year].reshape(73, 5 * 24).mean(axis=1)
    assert (int(hours.argmin()), int(hours.argmax())) == (5, 17)
    assert months.argmin() in range(0, 9)
    assert months.argmax() in range(33, 46)
    assert station(100)[0].values.tolist() == station(1000)[0].values[:100].tolist()  # the beginning of a longer one
