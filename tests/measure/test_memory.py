"""What a reading tells of the next: the estimate by brute force, and when no number is told."""

import io
import math
import statistics
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shares import each_share, some

from codec.measure.memory import MAX_READINGS, SHUFFLES, Memory, memory
from codec.measure.ways import ways
from codec.readings.origin import Origin
from codec.show.as_json import as_json
from codec.show.console import console
from codec.show.memory import memory_lines
from codec.theory.information import entropy, mutual_information
from codec.theory.labels import labels_of
from codec.theory.sources import built_in, station, sticky, sticky_rate


def by_hand(symbols):
    """sum p(a, b) log2 p(a, b) / (p(a) p(b)) over the pairs of neighbours, with their own marginals."""
    pairs = Counter(pairwise(symbols))
    before, after, n = Counter(symbols[:-1]), Counter(symbols[1:]), len(symbols) - 1
    return math.fsum(c / n * math.log2(c * n / (before[a] * after[b])) for (a, b), c in pairs.items())


def symbols_of(readings):
    return np.unique(readings, return_inverse=True)[1].reshape(-1).astype(np.uint16)


def drawn(shares, n, seed):
    return np.random.default_rng(seed).choice(len(shares), n, p=shares).astype(np.uint16)


def remembered(name, n=10_000, seed=1):
    return symbols_of(sticky(built_in(name), n, seed, 0.9)[0])


def shown(found, count):
    out = io.StringIO()
    console(out).print(memory_lines(found, count))
    assert all(len(line) <= 100 for line in out.getvalue().splitlines())
    return " ".join(out.getvalue().split())


# ------------------------------------------------------------------ the estimate


@given(st.lists(st.integers(0, 5), min_size=2, max_size=200), st.sampled_from([0, 250, 65_530]))
def test_brute_force_agrees(symbols, first):
    found = memory(np.array(symbols, np.uint32) + np.uint32(first))
    assert found is not None and found.count == len(symbols)
    assert found.bits_per_reading == pytest.approx(max(0, by_hand(symbols)), abs=1e-12)
    assert found.shuffled_mean >= 0 and found.shuffled_deviation >= 0


@pytest.mark.parametrize("name", ["nasa", "letters", "geometric"])
def test_a_table_of_all_pairs_gives_the_same(name):
    """The geometric's 256 labels have more possible pairs than readings, the others fewer."""
    symbols = remembered(name)
    joint = np.zeros((256, 256), np.int64)
    np.add.at(joint, (symbols[:-1], symbols[1:]), 1)
    found = memory(symbols)
    assert found.bits_per_reading == pytest.approx(mutual_information(joint), abs=1e-12)


@pytest.mark.slow
def test_the_shuffles_are_of_the_same_readings():
    """Mean and deviation against 2,000 shuffles of NumPy's other generators; five standard errors."""
    symbols = remembered("nasa", 1000)
    random = np.random.Generator(np.random.Philox(5))
    values = np.array([by_hand(random.permutation(symbols).tolist()) for _ in range(2000)])
    found = memory(symbols)
    assert abs(found.shuffled_mean - values.mean()) < 5 * values.std() / math.sqrt(SHUFFLES)
    # (SHUFFLES - 1) s^2 / sigma^2 is about chi-square with 19 degrees of freedom: 4.0 to 53 but once in 10,000.
    assert 0.45 < found.shuffled_deviation / values.std() < 1.7


@pytest.mark.parametrize("seed", [1, 7])
def test_mean_and_deviation_are_those_of_twenty_seeded_shuffles(seed):
    symbols = remembered("nasa", 500)
    random = np.random.Generator(np.random.PCG64(seed))
    values = [by_hand(random.permutation(symbols).tolist()) for _ in range(20)]
    found = memory(symbols, seed=seed)
    assert found.shuffled_mean == pytest.approx(statistics.mean(values), abs=1e-12)
    assert found.shuffled_deviation == pytest.approx(statistics.stdev(values), abs=1e-12)


def test_the_same_seed_gives_the_same_figures():
    symbols = remembered("nasa", 2000)
    kept = symbols.copy()
    assert memory(symbols) == memory(symbols) == memory(symbols.astype(np.uint8), seed=1)
    assert memory(symbols, seed=2).shuffled_mean != memory(symbols).shuffled_mean
    assert memory(symbols, seed=2).bits_per_reading == memory(symbols).bits_per_reading
    assert (symbols == kept).all()


@pytest.mark.slow
def test_only_the_first_readings_of_a_long_stream_are_used():
    symbols = drawn([0.5, 0.3, 0.2], MAX_READINGS + 1000, 1)
    longer = symbols.copy()
    longer[MAX_READINGS:] = 9
    assert memory(symbols) == memory(longer) == memory(symbols[:MAX_READINGS])
    assert memory(longer).count == MAX_READINGS == 2**20


# ------------------------------------------------------------------ what is told


@pytest.mark.parametrize("seed", range(5))
def test_a_sticky_source_tells_what_its_closed_form_says(seed):
    """To first order the estimate is the mean of log2 p(next | before) / p(next) over the pairs: five standard
    errors of it, from 50 batch means; and the biases of the two entropies, of second order.
    """
    p, s, n = built_in("nasa"), 0.9, 50_000
    symbols = symbols_of(sticky(p, n, seed, s)[0])
    shares = p.probabilities
    k = len(shares)
    density = np.log2((s * np.eye(k) + (1 - s) * shares) / shares)[symbols[:-1], symbols[1:]]
    error = density[: n // 50 * 50 - 50].reshape(50, -1).mean(axis=1).std(ddof=1) / math.sqrt(50)
    bias = (k * (k - 1) + (k - 1) * (1 + s) / (1 - s)) / (2 * n * math.log(2))
    found = memory(symbols)
    assert found.tells and 5 * error + bias < 0.15
    assert abs(found.bits_per_reading - (p.entropy() - sticky_rate(p, s))) < 5 * error + bias
    assert found.shuffled_mean == pytest.approx((k - 1) ** 2 / (2 * n * math.log(2)), rel=0.3)


@pytest.mark.dear
@pytest.mark.parametrize("name", ["nasa", "peaked", "letters"])
def test_sticky_sources_tell_also_in_fewer_readings(name):
    assert all(memory(remembered(name, 10_000, seed)).tells for seed in range(10))


@pytest.mark.parametrize("n", [100, 1001, 5000])
def test_an_alternating_stream_tells_one_bit(n):
    symbols = (np.arange(n) % 2).astype(np.uint8)
    found = memory(symbols)
    assert found.tells and found.bits_per_reading == pytest.approx(by_hand(symbols.tolist()), abs=1e-12)
    if n % 2:
        assert found.bits_per_reading == 1  # as many pairs of either kind
    assert found.bits_per_reading == pytest.approx(1, abs=2e-4)


# ------------------------------------------------------------------ what is not

TWO = remembered("nasa") < 1
WITHOUT_MEMORY = {
    "two labels": drawn([0.5, 0.5], 10_000, 1),
    "two labels, one of them rare": drawn([0.98, 0.02], 10_000, 1),
    "two labels that stuck together": TWO.astype(np.uint16),
    "the nasa levels": remembered("nasa"),
    "300 levels": drawn(np.full(300, 1 / 300), 8760, 1),
    "the station": symbols_of(station()[0].values),
}


@pytest.mark.dear
@each_share
@pytest.mark.parametrize("symbols", WITHOUT_MEMORY.values(), ids=WITHOUT_MEMORY)
def test_shuffled_readings_never_tell(symbols, share):
    for seed in some(range(100), share):
        found = memory(np.random.default_rng(seed).permutation(symbols), seed=seed + 1000)
        assert not found.tells, seed


def test_independent_readings_of_many_levels_show_bits_and_tell_nothing():
    for seed in range(5):
        found = memory(drawn(np.full(300, 1 / 300), 8760, seed))
        assert found.bits_per_reading > 3 and found.shuffled_mean > 3 and not found.tells


def test_a_station_tells_though_the_pairs_of_its_labels_are_few():
    found = memory(symbols_of(station()[0].values))
    assert found.shuffled_mean > 2 and found.tells and found.z_score > 100


@pytest.mark.slow
def test_five_deviations_of_two_labels_are_not_enough_and_the_cube_roots_know():
    """A chi-square of one degree exceeds its mean by five deviations once in 200 streams, and more with 20 shuffles."""
    found = [memory(drawn([0.5, 0.5], 500, seed), seed=seed) for seed in range(1000)]
    beyond = [f for f in found if f.bits_per_reading > f.shuffled_mean + 5 * f.shuffled_deviation]
    assert len(beyond) >= 4 and not any(f.tells for f in found)


def test_two_rare_readings_side_by_side_tell_nothing():
    """None of the shuffles may have them so: five times no deviation is no threshold."""
    symbols = np.zeros(1000, np.uint8)
    symbols[500:502] = 1
    found = [memory(symbols, seed=seed) for seed in range(20)]
    assert any(f.bits_per_reading > f.shuffled_mean + 5 * f.shuffled_deviation for f in found)
    assert not any(f.tells for f in found)


@pytest.mark.slow
def test_a_few_rare_readings_tell_less_than_once_in_a_hundred_streams():
    symbols = np.repeat(np.array([0, 1], np.uint8), [94, 6])
    streams = (memory(np.random.default_rng(seed).permutation(symbols), seed=seed) for seed in range(1000))
    assert sum(found.tells for found in streams) <= 10


@pytest.mark.parametrize("symbols", [[0, 0], [0, 1], [3] * 5, [7] * 100_000])
def test_constant_streams_and_single_pairs_have_no_memory(symbols):
    found = memory(np.array(symbols, np.uint8))
    assert found == Memory(len(symbols), 0.0, 0.0, 0.0, False)
    assert math.copysign(1, found.bits_per_reading) == 1


@pytest.mark.parametrize("symbols", [[], [0], [65_535]])
def test_below_two_readings_there_is_none(symbols):
    assert memory(np.array(symbols, np.uint16)) is None


# ------------------------------------------------------------------ what is shown


def test_a_memory_that_tells_is_shown_with_what_it_is_the_price_of():
    found = Memory(1 << 20, 1.25, 0.0625, 0.03125, True, "yes", 40.0, 1.0, 2.0)
    text = shown(found, 1 << 20)
    assert "as it stands in the pairs 1,310,720.0 1.25000 I(next; before)" in text
    assert "the same readings shuffled 65,536.0 0.06250 ± 0.03125, 20 times" in text
    assert "memory of order one: yes, 40 standard deviations above" in text
    assert "at least, held out 1,048,576.0 1.00000 95 %" in text and "at most 2,097,152.0 2.00000 95 %" in text
    assert "stationary first-order Markov source" in text and "the part that one step explains" in text
    assert "first 1" not in text
    text = shown(found, 10**10)
    assert "12,500,000,000.0" in text and "first 1,048,576 readings" in text


def test_a_memory_that_does_not_tell_is_shown_without_a_number():
    text = shown(Memory(8760, 2.8, 2.7, 0.01, False, "none"), 8760)
    assert text == "memory of order one: none found, the readings shuffled look alike"
    for found in (None, Memory(8760, 2.8, 2.7, 0.01, False)):
        assert shown(found, 8760).startswith("memory of order one: not to be told from so few readings")


def test_other_ways_are_shown_in_one_line():
    found = Memory(9, 0, 0, 0, False, "none", ways={"plain": 3.0, "delta": None, "context": 1.5, "block 2": 2.25})
    line = "in bits a reading with the table: plain 3.0000, --context 1.5000, --block 2 2.2500"
    assert shown(found, 9).endswith(line)


def test_json_has_no_number_that_does_not_tell():
    told = as_json(Memory(9, 1.5, 0.5, 0.25, True, "yes", 7.0, 1.0, 2.0))
    assert told == {
        **{"count": 9, "bits_per_reading": 1.5, "shuffled_mean": 0.5, "shuffled_deviation": 0.25, "tells": True},
        **{"found": "yes", "z_score": 7.0, "at_least": 1.0, "at_most": 2.0, "ways": None},
    }
    fields = as_json(Memory(9, 1.5, 0.5, 0.25, False, "none", 1.0))
    nothing = dict.fromkeys(told)
    assert fields == {**nothing, "count": 9, "tells": False, "found": "none", "z_score": 1.0}


# ------------------------------------------------------------------ how large it is


def sea(n, seed):
    """Hourly temperatures of a sea, in hundredths: a season, and what is there stays there."""
    random, state, levels = np.random.default_rng(seed), 0.0, []
    for step in 0.03 * random.standard_normal(n):
        state = 0.9995 * state + step
        levels.append(state)
    return np.rint(100 * (np.array(levels) + 5 * np.cos(2 * np.pi * np.arange(n) / 8760))).astype(np.int64)


def test_memory_is_found_in_hourly_sea_temperatures_of_few_readings_a_pair():
    """Differences take 3.7 bits of 10.1: most of that is certain from one year."""
    readings = sea(8760, 1)
    found = memory(symbols_of(readings))
    costs = ways(labels_of(readings), Origin("array", "<i8", (8760,)))
    assert found.found == "yes" and 5 < found.at_least < found.at_most < 8
    assert costs["plain"] - costs["delta"] > found.at_least


@pytest.mark.parametrize("name", ["sea", "sticky", "station"])
def test_the_lower_end_holds_on_readings_that_come_later(name):
    """Ideal codes learned on the first part (of differences; of the sticky source in context) save as much on the
    second, compared with its own entropy, which no code for single readings can beat.
    """
    for seed in range(3):
        readings = {
            "sea": lambda seed: sea(17_520, seed),
            "sticky": lambda seed: np.unique(sticky(built_in("nasa"), 17_520, seed, 0.7)[0], return_inverse=True)[1],
            "station": lambda seed: station(seed=seed)[0].values,
        }[name](seed)
        low = memory(symbols_of(readings[:8760])).at_least
        contexts, keys = (readings[:-1], readings[1:]) if name == "sticky" else (0 * readings[1:], np.diff(readings))
        keys = keys - keys.min()
        counts = np.full((contexts.max() + 1, keys.max() + 1), 0.5)
        np.add.at(counts, (contexts[:8759], keys[:8759]), 1)
        costs = -np.log2(counts / counts.sum(axis=1, keepdims=True))[contexts[8760:], keys[8760:]]
        assert 0 < low < entropy(np.bincount(symbols_of(readings[8760:]))) - costs.mean()


@pytest.mark.parametrize("seed", range(5))
def test_the_true_value_lies_between_the_ends(seed):
    p, s = built_in("nasa"), 0.5
    found = memory(symbols_of(sticky(p, 20_000, seed, s)[0]))
    assert found.at_least < p.entropy() - sticky_rate(p, s) < found.at_most


@pytest.mark.slow
def test_a_long_stream_of_independent_readings_has_none_and_is_not_said_to_be_short():
    """As the first 2^20 of 40,000,000 are: the rest is not looked at."""
    found = memory(drawn(np.full(8, 1 / 8), MAX_READINGS, 1).astype(np.uint8))
    assert found.found == "none" and "none found" in shown(found, 40_000_000)


@pytest.mark.parametrize("readings", [[1], [1, 2] * 5, [3] * 10_000])
def test_few_readings_or_one_label_leave_it_open(readings):
    found = memory(np.array(readings, np.uint8))
    assert found is None or found.found == "unknown"
