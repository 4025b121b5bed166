"""What a finite stream can tell: the bias of its entropy, and the price of learning, by formula and by simulation."""

import math

import numpy as np
import pytest
from scipy import stats

import codec
from codec.measure.sampling import learning_cost, miller_madow, too_short
from codec.theory.sources import built_in

SOURCES = {
    "uniform over 8": np.full(8, 1 / 8),
    "nasa": built_in("nasa").probabilities,
    "two, one of them rare": np.array([0.95, 0.05]),
}
each_source = pytest.mark.parametrize("p", SOURCES.values(), ids=SOURCES)


def plain(counts):
    """The entropy of counts in bits, from its definition."""
    total = sum(counts)
    return -sum(c / total * math.log2(c / total) for c in counts if c)


def entropies(counts):
    """The same, row by row."""
    shares = counts / counts.sum(axis=1, keepdims=True)
    return -(shares * np.log2(np.where(shares > 0, shares, 1))).sum(axis=1)


def next_term(p, n):
    """What the expansion of the bias has behind (m - 1) / (2 N): Harris, 1975; in bits."""
    return ((1 / p).sum() - 1) / (12 * n * n * math.log(2))


@each_source
def test_the_exact_expectation_of_the_plain_entropy_is_low_by_the_correction(p):
    """Counts are binomial, so that E[H^] = -sum_i sum_k B(k; N, p_i) k/N log2 k/N is a finite sum."""
    n, k = 1000, np.arange(1, 1001)
    expected = -sum((stats.binom.pmf(k, n, share) * (k / n) * np.log2(k / n)).sum() for share in p)
    bias = stats.entropy(p, base=2) - expected
    assert abs(bias - learning_cost(len(p), n) - next_term(p, n)) < 0.2 * next_term(p, n) + 1e-12
    assert abs(bias - learning_cost(len(p), n)) < bias / 50


@each_source
def test_the_correction_takes_the_bias_away(p):
    """20,000 streams of 300 readings, seeded; 5 standard errors, and the next term of the expansion."""
    n, truth = 300, stats.entropy(p, base=2)
    counts = np.random.Generator(np.random.PCG64(1)).multinomial(n, p, 20_000)
    uncorrected = entropies(counts)
    corrected = np.array([miller_madow(row) for row in counts[:4000]])
    error = uncorrected.std(ddof=1) / math.sqrt(len(uncorrected))
    assert abs(truth - uncorrected.mean() - learning_cost(len(p), n)) < 5 * error + 1.5 * next_term(p, n)
    assert truth - uncorrected.mean() > 5 * error  # the plain estimate is low, beyond doubt
    error = corrected.std(ddof=1) / math.sqrt(len(corrected))
    assert abs(truth - corrected.mean()) < 5 * error + 1.5 * next_term(p, n)


def test_the_correction_counts_the_labels_seen_and_is_in_bits():
    for counts in ([5], [3, 1], [2, 0, 2], [1] * 10, [10**6, 1, 0]):
        seen = sum(c > 0 for c in counts)
        assert math.isclose(
            miller_madow(np.array(counts)),
            plain(counts) + (seen - 1) / (2 * sum(counts) * math.log(2)),
            rel_tol=1e-12,
            abs_tol=1e-15,
        )
    assert miller_madow(np.array([7])) == 0  # a constant stream has no bias
    # One bit, estimated from two readings of two labels: (2 - 1) / (2 * 2 nats) more, not a quarter of a bit.
    assert math.isclose(miller_madow(np.array([1, 1])), 1 + 0.25 * math.log2(math.e))


@each_source
def test_an_ideal_code_from_add_half_counts_loses_what_is_predicted(p):
    """4,000 tables learned from 3,000 readings, seeded; 5 standard errors, and 2 % for terms of higher order."""
    n = 3000
    counts = np.random.Generator(np.random.PCG64(2)).multinomial(n, p, 4000)
    learned = (counts + 0.5) / (n + len(p) / 2)
    lost = (p * np.log2(p / learned)).sum(axis=1)
    error = lost.std(ddof=1) / math.sqrt(len(lost))
    assert abs(lost.mean() - learning_cost(len(p), n)) < 5 * error + 0.02 * learning_cost(len(p), n)


def test_the_learning_cost_falls_with_readings_and_rises_with_labels():
    assert learning_cost(8, 1000) == 7 / (2000 * math.log(2))
    assert learning_cost(1, 1) == 0
    assert learning_cost(8, 2000) * 2 == learning_cost(8, 1000)


def test_too_short_is_below_ten_readings_per_symbol():
    assert [too_short(3, n) for n in (1, 29, 30, 31)] == [True, True, False, False]


def test_the_audit_shows_the_prediction_for_half_of_the_stream_beside_what_learning_did_cost():
    """The Huffman codes round, so that their cost is another; it is never below what the best code has."""
    report = codec.audit(built_in("nasa").sample(4001, 5), built_in("nasa"))
    assert report.learning_cost_predicted == learning_cost(8, 2000)
    assert report.learning_cost_measured == report.fresh_held_out_mean_length - report.fresh_mean_length >= 0
