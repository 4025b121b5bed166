"""What does believing q cost when p is true? Prediction, expectation, measurement.

- KL prediction: D(p||q), the extra bits of an ideal code.
- exact expectation: E_p[l_q] - E_p[l_p], for the Huffman codes that are really built.
- measurement: a stream is written with both codes and read back, and the payloads are weighed.

The first two differ by q's rounding minus p's rounding to whole bits:

    extra - D(p||q) = (E_p[l_q] - H(p, q)) - (E_p[l_p] - H(p))

so that "extra bits = KL" is no law for Huffman codes. Extra bits are counted above the best Huffman code for p.
"""

from __future__ import annotations

import io
import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from codec.codes.constructions import construct
from codec.codes.lengths import expected_length
from codec.codes.prefix import PrefixCode, as_code, huffman
from codec.codes.serialize import MAX_CODE_LENGTH
from codec.coding.file import decoded, opened, parts_of
from codec.coding.learn import as_coded
from codec.coding.options import Options, whole_number
from codec.coding.piece import Cut
from codec.coding.step import Job
from codec.coding.steps import coded_symbols, transform_of
from codec.coding.writing import write
from codec.errors import MissingCodewordError
from codec.files.container import MAX_BLOCK_SIZE
from codec.readings.floats import in_kind_of
from codec.readings.stream import Stream, tally_stream
from codec.readings.values import from_values
from codec.theory.alphabet import match
from codec.theory.distribution import Distribution, as_distribution, matched
from codec.theory.information import divergence
from codec.theory.labels import Labels
from codec.theory.shown import brief, shown, shown_as_html

BATCHES = 30
LEAST_READINGS = 10 * BATCHES  # for a standard error


@dataclass(frozen=True)
class Missing:
    """The labels of p without a codeword in the code for q: how many, the most frequent one, their share of p."""

    labels: int
    first: str
    share: float


@dataclass(frozen=True)
class Mismatch:
    """The price of believing q, in bits per reading. None stands for what does not exist.

    Attributes
    ----------
    entropy : float
        H(p).
    own_expected_length : float
        Of the Huffman code for p.
    kl_prediction : float
        D(p||q); D(p||r) if q is a table, r the distribution that it implies. May be infinite.
    dead_space : float
        -log2 of the Kraft sum, if q is a table: what its unused prefixes cost.
    expected_length, expected_extra : float
        Of the code for q, and above `own_expected_length`. May be infinite.
    rounding_difference : float or None
        expected_extra - kl_prediction: q's rounding minus p's.
    measured_length, measured_extra : float or None
        Payload bits per reading of a file written with the code for q, and above one with the code for p.
    standard_error : float or None
        Of measured_extra, from 30 batch means; None below 300 readings or without variance.
    z : float or None
        (measured_extra - expected_extra) / standard_error; None if p is the stream's own distribution.
    empirical : bool
        Whether p is the stream's own distribution, so that expectation and measurement are one by definition.
    count : int
        Readings measured.
    construction : str or None
        How the code for q was built, one of `codec.codes.constructions.NAMES`; None if q is a table. With "shannon"
        and a q of two labels or more, kl_prediction <= expected_length - entropy < kl_prediction + 1.
    missing : Missing or None
        Why kl_prediction is infinite; expected_length is so too, unless the table has an escape.
    unmeasured : str or None
        Why readings were not measured.
    """

    entropy: float
    own_expected_length: float
    kl_prediction: float
    dead_space: float | None
    expected_length: float
    expected_extra: float
    rounding_difference: float | None
    measured_length: float | None
    measured_extra: float | None
    standard_error: float | None
    z: float | None
    empirical: bool
    count: int
    construction: str | None
    missing: Missing | None
    unmeasured: str | None

    __str__ = shown
    _repr_html_ = shown_as_html

    def __repr__(self) -> str:
        return brief(self, "kl_prediction", "expected_extra", "measured_extra", "standard_error", "count")


def mismatch(
    p: Distribution,
    q: Distribution | PrefixCode,
    stream: Any = None,
    *,
    engine: str | None = None,
    construction: str = "huffman",
    per_codeword: int = 1,
) -> Mismatch:
    """Compare what q's code is predicted, expected and measured to cost on readings from p.

    Parameters
    ----------
    p : Distribution
        What is true.
    q : Distribution or PrefixCode
        What was believed, or the table that is used. Labels of another kind than those of p are matched as in
        `Distribution.aligned`: numbers by their value, whatever form they have.
    stream : array_like, optional
        Readings from p, to measure on.
    engine : str, optional
        That writes and reads the files measured.
    construction : str
        How the code for a Distribution q is built, one of `codec.codes.constructions.NAMES`. The code for p, above
        which extra bits are counted, is Huffman's always.
    per_codeword : int
        Readings in a codeword, of both codes; all figures stay per reading. Expected is what independent readings cost.

    Raises
    ------
    ValueError
        For an unknown construction, blocks of what is a table or of blocks already, a code to be measured that no
        file can hold, or labels of p, q and the stream that are of different kinds and do not match.
    TypeError
        If p is no distribution, or q neither a distribution nor a code.

    Examples
    --------
    >>> p = Distribution("abcd", [0.5, 0.25, 0.125, 0.125])
    >>> q = Distribution("abcd", [0.125, 0.125, 0.25, 0.5])
    >>> price = mismatch(p, q)
    >>> price.kl_prediction == price.expected_extra  # dyadic p and q: the ideal code is the Huffman code
    True
    >>> mismatch(Distribution("ab", [1, 1]), Distribution("ab", [0.999, 0.001])).expected_extra
    0.0
    """
    if not isinstance(q, PrefixCode):
        q = as_distribution(q)
    p, per_codeword = as_distribution(p), whole_number("per_codeword", per_codeword)
    if per_codeword > 1 and isinstance(q, PrefixCode):
        raise ValueError("a table has its own codewords: blocks are for distributions")
    kinds = {p.labels.kind, q.alphabet.kind if isinstance(q, PrefixCode) else q.labels.kind}
    if "tuple" in kinds and (len(kinds) > 1 or per_codeword > 1 or stream is not None):
        raise ValueError(
            "p or q is of blocks, and readings come one by one: ask for blocks of them with per_codeword=k"
        )
    source = p if per_codeword == 1 else p.extension(per_codeword)
    own = huffman(source)
    believed = q if isinstance(q, PrefixCode) or per_codeword == 1 else q.extension(per_codeword)
    other = construct(construction, believed) if isinstance(believed, Distribution) else believed
    own_length = expected_length(source.weights, own.lengths) / per_codeword
    readings = None if stream is None else stream if isinstance(stream, Stream) else from_values(stream)
    coded = None
    if readings is not None:
        readings = in_kind_of(readings, q.alphabet.source if isinstance(q, PrefixCode) else p.labels.source)
        coded = as_coded(readings, own)
    spelled = readings is not None and readings.origin.is_lines
    other_length = expected_length(source.weights, other.costs_for(source, spelled)) / per_codeword
    extra = float(other_length - own_length)
    dead_space = _dead_space(other.kraft_sum()) if isinstance(q, PrefixCode) else None
    prediction = divergence(p.probabilities, _believed(q, p))
    measured = Measurement() if readings is None else _measure(readings, own, other, engine, per_codeword)
    empirical = coded is not None and _is_empirical(p, coded)
    error = measured.standard_error
    return Mismatch(
        entropy=p.entropy(),
        own_expected_length=float(own_length),
        kl_prediction=prediction,
        dead_space=dead_space,
        expected_length=float(other_length),
        expected_extra=extra,
        rounding_difference=extra - prediction if math.isfinite(extra - prediction) else None,
        measured_length=measured.length,
        measured_extra=measured.extra,
        standard_error=error,
        z=None if empirical or error is None or measured.extra is None else (measured.extra - extra) / error,
        empirical=empirical,
        count=measured.count,
        construction=construction if isinstance(q, Distribution) else None,
        missing=_missing(source, matched(other.alphabet, source, other.lengths, 0)),
        unmeasured=measured.reason,
    )


def _missing(p: Distribution, lengths: NDArray[np.int64]) -> Missing | None:
    """The labels that occur in p and have no codeword."""
    places = np.flatnonzero((p.weights != 0) & (lengths == 0))
    if not len(places):
        return None
    shares = p.probabilities[places]
    first = p.labels.take(places[[shares.argmax()]]).spellings[0]
    return Missing(len(places), first, float(shares.sum()))


def _believed(q: Distribution | PrefixCode, p: Distribution) -> NDArray[np.float64]:
    """The probabilities that q gives the labels of p; for a code 2^-l / K, K over all its codewords."""
    if isinstance(q, Distribution):
        return p.aligned(q)[1]
    lengths = matched(q.alphabet, p, q.lengths, 0)
    return np.where(lengths > 0, np.exp2(-lengths.astype(np.float64)) / float(q.kraft_sum()), 0.0)


def _dead_space(kraft: Fraction) -> float:
    return math.log2(kraft.denominator) - math.log2(kraft.numerator)


def _is_empirical(p: Distribution, stream: Stream) -> bool:
    labels, counts = tally_stream(stream)
    if not len(labels):
        return False
    symbols, unknown = match(p.labels, labels)
    if unknown is not None:
        return False
    here = p.weights[symbols].tolist()
    total, weight = int(counts.sum()), sum(p.weights.tolist())
    return sum(here) == weight and all(w * total == c * weight for w, c in zip(here, counts.tolist(), strict=True))


@dataclass(frozen=True)
class Measurement:
    """Two files weighed against each other, in bits per reading."""

    count: int = 0
    length: float | None = None
    extra: float | None = None
    standard_error: float | None = None
    reason: str | None = None  # why nothing was measured


def _measure(stream: Stream, own: PrefixCode, other: PrefixCode, engine: str | None, k: int) -> Measurement:
    """Weigh a stream under two codes of k readings in a codeword; nothing is measured if a file cannot hold it."""
    labels, counts = tally_stream(as_coded(stream, own))
    count = int(counts.sum())
    if not count:
        return Measurement()
    own, other = (_in_kind_of(labels, code, stream.origin.is_lines) for code in (own, other))
    # A batch is `blocks_each` blocks of the files, so that batch means are read off the files too.
    batch = max(1, count // (BATCHES * k))
    blocks_each = -(-batch // MAX_BLOCK_SIZE)
    block_size = batch // blocks_each
    weighed = []
    for name, code in (("p", own), ("q", other)):
        longest = int(code.all_lengths.max(initial=0))
        if longest > MAX_CODE_LENGTH:
            held = f"codewords of {longest} bits, and a file holds up to {MAX_CODE_LENGTH}"
            return Measurement(count, reason=f"the code for {name} has {held}")
        try:
            weighed.append(weigh(stream, code, block_size, engine))
        except MissingCodewordError as missing:
            return Measurement(count, reason=f"with the code for {name}, {missing}")
    own_bits, other_bits = weighed
    extra = (int(other_bits.sum()) - int(own_bits.sum())) / count
    error = None
    if count >= LEAST_READINGS * k:
        difference = (other_bits - own_bits)[: BATCHES * blocks_each].reshape(BATCHES, blocks_each).sum(axis=1)
        means = difference / (block_size * blocks_each * k)
        error = float(means.std(ddof=1) / math.sqrt(BATCHES)) or None
    return Measurement(count, int(other_bits.sum()) / count, extra, error)


def _in_kind_of(labels: Labels, code: PrefixCode, spelled: bool) -> PrefixCode:
    """A code with the same lengths for these labels, if its own are of another kind: it writes as many bits."""
    singles, seen = code.singles, Distribution(labels, np.ones(len(labels), np.int64))
    if (labels.kind, labels.step) == (singles.kind, singles.step):
        return code
    if code.readings == 1:
        lengths = matched(singles, seen, code.lengths, 0)
        return PrefixCode(labels, lengths, None, code.escape_length if code.can_escape(labels, spelled) else 0)
    symbols = matched(singles, seen, np.arange(len(singles)), -1)
    place = np.full(len(singles), -1)
    place[symbols[symbols >= 0]] = np.flatnonzero(symbols >= 0)
    rows = place[code.alphabet.values]
    order = np.lexsort(rows.T[::-1])  # files hold tuples in lexicographic order
    order = order[(rows[order] >= 0).all(axis=1)]
    return PrefixCode(Labels("tuple", rows[order].astype(np.uint32), base=labels), code.lengths[order])


def weigh(stream: Stream, code: PrefixCode, block_size: int, engine: str | None = None) -> NDArray[np.int64]:
    """Write a stream with a code, read it back, and return the bits of each block's payload and raw values.

    Raises
    ------
    RuntimeError
        If the readings that come back are not those that went in: no such file may be measured.
    """
    file, used = io.BytesIO(), as_code(code)
    how = Options(False, transform_of(used), engine=engine, block_size=block_size)
    write(stream, file, used, how)
    file.seek(0)
    read = opened(file, used, engine)
    bits: list[int] = []
    job = Job(stream, how.transform, used, block_size * used.readings, used.singles.of or how.transform.of)
    sent = coded_symbols(Cut(stream, job.block_readings), job, block_size)
    for (block, symbols), piece in zip(decoded(read, parts_of(read)), sent, strict=True):
        if not np.array_equal(piece.symbols, symbols) or piece.raw != block.extra:
            raise RuntimeError(f"the readings decoded differ from those encoded, in block {block.sequence}")
        bits.append(block.payload_bits + 8 * len(block.extra))
    return np.array(bits, np.int64)
