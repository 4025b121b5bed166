"""Sources of readings: built-in distributions, and random streams with and without memory.

Each function of a stream returns the readings and the source's entropy rate in bits per reading, or None if it has
no closed form. The same seed gives the same stream.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from codec.theory.distribution import Distribution, draws_of
from codec.theory.labels import Labels

_NASA_LEVELS = (100, 105, 110, 145, 160, 162, 174, 180)

# Relative frequencies of 26 letters and the space in English text, as David MacKay prints them (Information
# Theory, Inference, and Learning Algorithms, Cambridge University Press 2003, figure 2.1). They sum to 1.0002.
_LETTERS = (
    "a.0575 b.0128 c.0263 d.0285 e.0913 f.0173 g.0133 h.0313 i.0599 j.0006 k.0084 l.0335 m.0235 n.0596 "
    "o.0689 p.0192 q.0008 r.0508 s.0567 t.0706 u.0334 v.0069 w.0119 x.0073 y.0164 z.0007"
)

_NASA_WEIGHTS: dict[str, tuple[float, ...]] = {
    "nasa": (0.30, 0.40, 0.05, 0.06, 0.07, 0.02, 0.05, 0.05),
    "uniform": (1, 1, 1, 1, 1, 1, 1, 1),
    "peaked": (0.9, 0.05, 0.01, 0.01, 0.01, 0.01, 0.005, 0.005),
    "winter": (0.55, 0.30, 0.05, 0.03, 0.03, 0.02, 0.01, 0.01),
    "dyadic": (0.5, 0.25, 0.125, 0.0625, 0.03125, 0.015625, 0.0078125, 0.0078125),
    "dyadic-reversed": (0.0078125, 0.0078125, 0.015625, 0.03125, 0.0625, 0.125, 0.25, 0.5),
}

NAMES = (*_NASA_WEIGHTS, "letters", "geometric")


def built_in(name: str) -> Distribution:
    """A distribution by name: one of `NAMES`.

    >>> round(built_in("nasa").entropy(), 4), round(built_in("letters").entropy(), 2)
    (2.3231, 4.11)
    """
    if name in _NASA_WEIGHTS:
        return Distribution(_NASA_LEVELS, _NASA_WEIGHTS[name])
    if name == "letters":
        pairs = [*_LETTERS.split(), " .1928"]
        return Distribution([pair[0] for pair in pairs], [float(pair[1:]) for pair in pairs])
    if name == "geometric":
        return Distribution(range(256), [0.98**i for i in range(256)])
    raise ValueError(f"there is no built-in distribution {name!r}; there are {', '.join(NAMES)}")


def independent(p: Distribution, n: int, seed: int) -> tuple[Any, float]:
    """n independent draws from p; the rate is H(p)."""
    return p.sample(n, seed), p.entropy()


def sticky(p: Distribution, n: int, seed: int, persistence: float) -> tuple[Any, float]:
    """The last reading again with probability `persistence`, else a fresh draw from p: p stays the marginal.

    >>> readings, rate = sticky(built_in("nasa"), 1000, seed=1, persistence=0.9)
    >>> len(readings), round(rate, 4)
    (1000, 0.5341)
    """
    if not 0 <= persistence < 1:
        raise ValueError(f"persistence is a probability below 1, not {persistence}")
    random = np.random.Generator(np.random.PCG64(seed))
    fresh = p.sample_symbols(n, random)
    renewed = random.random(n) >= persistence
    renewed[:1] = True
    last_renewal = np.maximum.accumulate(np.where(renewed, np.arange(n), 0))
    return draws_of(p.labels, fresh[last_renewal]), sticky_rate(p, persistence)


def sticky_rate(p: Distribution, persistence: float) -> float:
    """The entropy rate of the sticky source: sum over i of p_i H(next | i), in closed form.

    Given level i, the next is i with probability s + (1-s) p_i and any other j with (1-s) p_j.
    """
    s, probabilities = persistence, p.probabilities[p.probabilities > 0]
    stay, leave = s + (1 - s) * probabilities, (1 - s) * probabilities
    all_leave = -leave * np.log2(leave)
    return float((probabilities * (-stay * np.log2(stay) + all_leave.sum() - all_leave)).sum()) + 0.0


def drifting(p: Distribution, q: Distribution, n: int, seed: int) -> tuple[Any, float]:
    """Independent draws from (1-t) p + t q, t going from 0 to 1; the rate is the mean of H(p_t).

    Raises
    ------
    ValueError
        If q has a label that p lacks.
    """
    place_in_p = p.lookup(q.labels, np.arange(len(p)), -1)
    if (place_in_p < 0).any():
        missing = q.labels[int(place_in_p.argmin())]
        raise ValueError(f"cannot drift to a distribution with labels that the first lacks: {missing!r}")
    random = np.random.Generator(np.random.PCG64(seed))
    before, after = p.sample_symbols(n, random), q.sample_symbols(n, random)
    t = (np.arange(n) + 0.5) / max(n, 1)
    symbols = np.where(random.random(n) < t, place_in_p[after], before)
    return draws_of(p.labels, symbols), drifting_rate(p, q, t)


def drifting_rate(p: Distribution, q: Distribution, t: NDArray[np.float64]) -> float:
    """The mean of H((1-t) p + t q) over the times t."""
    p_array, q_array = p.aligned(q)
    total = 0.0
    for start in range(0, len(t), 1 << 14):
        part = t[start : start + (1 << 14), None]
        mixed = (1 - part) * p_array + part * q_array
        with np.errstate(divide="ignore", invalid="ignore"):
            total -= np.where(mixed > 0, mixed * np.log2(mixed), 0.0).sum()
    return float(total / max(len(t), 1))


# Two years of hourly temperatures at an imagined weather station. The numbers were chosen before anything was measured.
STATION_HOURS = 2 * 365 * 24
_STATION_MEAN, _STATION_YEARLY, _STATION_DAILY = 11.0, 8.0, 4.0  # degrees Celsius
_STATION_WARMING = 2.0  # by which the second year is warmer
_STATION_MEMORY, _STATION_NOISE = 0.95, 0.6  # AR(1): coefficient for an hour, standard deviation of the innovation


def station(n: int = STATION_HOURS, seed: int = 1) -> tuple[Labels, None]:
    """Hourly temperatures in steps of 0.1 degree: yearly and daily cycles, AR(1) noise, a warmer second year.

    Coldest in mid-January at five in the morning. No closed form for the entropy rate.

    >>> readings, _ = station(24)
    >>> readings.step, len(readings), readings[0] < 15
    ('0.1', 24, True)
    """
    random = np.random.Generator(np.random.PCG64(seed))
    hour = np.arange(n)
    season = -_STATION_YEARLY * np.cos(2 * math.pi * (hour / 24 - 15) / 365)
    day = -_STATION_DAILY * np.cos(2 * math.pi * (hour % 24 - 5) / 24)
    warming = np.where(hour >= 365 * 24, _STATION_WARMING, 0.0)
    noise, state = np.empty(n), 0.0
    for i, innovation in enumerate(random.standard_normal(n) * _STATION_NOISE):
        state = _STATION_MEMORY * state + innovation
        noise[i] = state
    tenths = np.rint(10 * (_STATION_MEAN + season + day + warming + noise)).astype(np.int64)
    return Labels("int", tenths, step="0.1"), None
