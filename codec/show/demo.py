"""The NASA story in ten parts: the source coding theorem on a real file, and the price of a wrong distribution."""

from __future__ import annotations

import io
import tempfile
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.text import Text

from codec.codes.intervals import Spread
from codec.codes.prefix import PrefixCode, huffman
from codec.coding import decode, encode
from codec.coding.file import opened
from codec.files.output import output
from codec.measure.ledger import ledger
from codec.measure.mismatch import mismatch
from codec.nodes.layout import node_table
from codec.nodes.packet import packed, unpack, words_of
from codec.show.code import code_report, code_table, code_tree
from codec.show.comparison import comparison_table
from codec.show.console import bits, heading, table, whole
from codec.show.ledger import ledger_table, savings
from codec.theory.distribution import Distribution
from codec.theory.information import cross_entropy, entropy, relative_entropy
from codec.theory.sources import built_in, sticky

READINGS, SEED = 100_000, 1
MESSAGE = "Today’s temperature is 105°C"
# The second example of the article: two distributions as printed there, to eight digits.
TRUE = (0.29786589, 0.01631927, 0.00065958, 0.27396781, 0.11610311, 0.10891934, 0.01762108, 0.16854391)
OBTAINED = (0.22374847, 0.01351315, 0.26085442, 0.04087474, 0.05121301, 0.04455142, 0.14301258, 0.22223221)


def demo(screen: Console, part: int | None = None) -> None:
    """Print the story, or one of its ten parts. What is called measured is read from files written and decoded."""
    p = built_in("nasa")
    parts = (_one_temperature, _the_code, _ten_messages, _a_real_file, _wrong_distributions, _towards_the_prediction,
             _blocks, _second_example, _memory, _intervals)  # fmt: skip
    for show in parts if part is None else parts[part - 1 : part]:
        show(screen, p)


def _one_temperature(screen: Console, p: Distribution) -> None:
    screen.print(heading("1  One temperature: how many bits?"))
    digits = "105"
    rows = [
        (f"the sentence “{MESSAGE}”", f"{len(MESSAGE)} × 8", whole(8 * len(MESSAGE))),
        (f"its digits “{digits}”", f"{len(digits)} × 8", whole(8 * len(digits))),
        (f"one of {len(p)} levels, at a fixed width", f"log2 {len(p)}", whole(int(np.log2(len(p))))),
        ("what the level is worth on average", "H(p)", bits(p.entropy())),
    ]
    screen.print(table(("<", "", "bits"), rows))


def _the_code(screen: Console, p: Distribution) -> None:
    code = huffman(p)
    screen.print(heading("2  A Huffman code: frequent levels get short codewords"))
    screen.print(code_table(code_report(code, p)))
    screen.print()
    screen.print(code_tree(code))
    screen.print(
        f"\nKraft sum {code.kraft_sum()}: complete. Expected length {bits(code.expected_length(p), 2)} bits, "
        f"{bits(code.redundancy(p))} above the entropy."
    )


def _ten_messages(screen: Console, p: Distribution) -> None:
    count = 10 * len(p)
    readings, shared = p.sample(count, SEED), node_table(p)
    book = ledger(encode(readings, p))
    packets = packed(readings, shared, len(p))
    back = np.concatenate([unpack(data, shared, len(p)) for data in packets])
    sent, words = sum(map(len, packets)), int(words_of(readings, shared).lengths.sum())
    screen.print(heading(f"3  Ten messages of {len(p)} levels each, {count} readings"))
    rows = [
        ("at 3 bits each", whole(3 * count), ""),
        ("at the entropy, rounded to 2.3 as in the article", whole(round(2.3 * count)), "no code does this"),
        ("at the entropy", whole(count * p.entropy()), "no code does better on average"),
        ("with the Huffman code, expected", whole(count * huffman(p).expected_length(p)), ""),
        ("with the Huffman code, measured", whole(book.payload_bits), f"in a file, readings drawn with seed {SEED}"),
        ("zeros to a byte, ten times", whole(8 * sent - words), "a packet has whole bytes"),
        ("as ten packets, really sent", whole(8 * sent), f"{sent} bytes of {' '.join(map(bytes.hex, packets[:3]))} …"),
    ]
    screen.print(table(("<", "bits", "<"), rows))
    same = "come back equal" if np.array_equal(back, readings) else "come back DIFFERENT"
    screen.print(
        f"\nThe {count} readings {same} from the packets. A file of them has {whole(book.file_bits)} bits, most of "
        "which say what the file is: node and gateway have agreed on that before."
    )


def _a_real_file(screen: Console, p: Distribution) -> None:
    screen.print(heading(f"4  {READINGS:,} readings, written to a file, read back and compared"))
    readings = p.sample(READINGS, SEED)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "nasa.huf"
        with output(path) as file:
            file.write(encode(readings))
        data = path.read_bytes()
    back = decode(data)
    same = np.array_equal(back, readings) and back.dtype == readings.dtype
    book = ledger(data)
    screen.print(
        f"{len(data):,} bytes; all {len(back):,} readings came back {'equal' if same else 'DIFFERENT'}. "
        f"Mean length {bits(book.mean_length)} bits, entropy of these readings {bits(book.entropy)}, "
        f"of their source {bits(p.entropy())}. Where every bit went:\n"
    )
    screen.print(ledger_table(book))
    screen.print()
    screen.print(savings(book))


def _wrong_distributions(screen: Console, p: Distribution) -> None:
    screen.print(heading("5  The wrong distribution: readings from p, a code for q"))
    readings = p.sample(READINGS, SEED)
    rows = [(name, mismatch(p, built_in(name), readings)) for name in ("winter", "uniform", "peaked")]
    screen.print(comparison_table(rows, f"{READINGS:,} readings from p"))


def _towards_the_prediction(screen: Console, p: Distribution) -> None:
    q = built_in("peaked")
    screen.print(heading("6  The way to the prediction: k readings per codeword, q = peaked"))
    rows = []
    for k in range(1, 6):
        true, believed = p.extension(k), q.extension(k)
        best, used = huffman(true).expected_length(true) / k, huffman(believed).expected_length(true) / k
        rows.append((str(k), whole(len(true)), bits(best), bits(used), bits(used - best)))
    rows.append(("ideal", "", bits(p.entropy()), bits(cross_entropy(p, q)), bits(relative_entropy(p, q))))
    screen.print(table(("k", "codewords", "code for p", "code for q", "extra bits per reading"), rows))
    screen.print(
        Text(
            "\nExpected lengths, exact. Huffman's cost on its own p is unique; that of a code for q on p "
            "depends on how q's ties fall (0.10 to 0.20 at k = 1): here by weight, then by place in the alphabet."
        )
    )


def _blocks(screen: Console, p: Distribution) -> None:
    screen.print(heading("7  The right distribution: k readings per codeword close the gap to the entropy"))
    rows = []
    for k in range(1, 5):
        blocks = p.extension(k)
        length = huffman(blocks).expected_length(blocks) / k
        rows.append((str(k), whole(len(blocks)), bits(length, 5), bits(length - p.entropy(), 5)))
    screen.print(table(("k", "codewords", "bits per reading", "above H(p)"), rows))


def _second_example(screen: Console, p: Distribution) -> None:
    true, obtained = Distribution(p.labels, TRUE), Distribution(p.labels, OBTAINED)
    price = mismatch(true, obtained)
    screen.print(heading("8  The article's second example: two random distributions"))
    rows = [
        ("entropy of the true one", "H(p)", bits(entropy(true), 5)),
        ("entropy of the obtained one", "H(q)", bits(entropy(obtained), 5)),
        ("cross entropy", "H(p,q)", bits(cross_entropy(true, obtained), 5)),
        ("KL divergence", "D(p‖q)", bits(price.kl_prediction, 5)),
        ("extra bits of the Huffman code for q, exact", "E_p[l_q] − E_p[l_p]", bits(price.expected_extra, 5)),
    ]
    screen.print(table(("<", "<", "bits"), rows))


def _intervals(screen: Console, p: Distribution) -> None:
    screen.print(heading("10  A simpler belief: one codeword length for all numbers of an interval"))
    rows = []
    for count in (300, 3_000, 30_000):
        readings = np.rint(np.random.Generator(np.random.PCG64(SEED)).normal(200, 60, count)).astype(np.int64)
        for name, intervals in (("each label", False), ("intervals", True)):
            data = encode(readings, intervals=intervals)
            book, code = ledger(data), opened(io.BytesIO(data)).code
            known = intervals and isinstance(code, PrefixCode) and book.distribution is not None
            price = bits(Spread(code, book.distribution).divergence) if known else ""  # type: ignore[arg-type]
            lengths = whole(book.lines["table"]), whole(book.payload_bits), whole(book.file_bits)
            rows.append((whole(count), name, *lengths, price))
    screen.print(table(("readings", "<a length for", "table", "payload", "file", "D(p‖q)"), rows))
    screen.print(
        Text(
            "\nBits, measured on files of normal readings, rounded to whole numbers. To give an interval one length is "
            "to believe that p is spread evenly in it: q. The payload grows by D(p‖q) bits a reading, but for what the "
            "two Huffman codes lose to whole bits; the table shrinks. The fewer the readings, the better the simpler "
            "belief."
        )
    )


def _memory(screen: Console, p: Distribution) -> None:
    screen.print(heading("9  A source with memory: the last reading repeats with probability s, else a new one from p"))
    rows = []
    for persistence in (0.0, 0.5, 0.9, 0.99):
        readings, rate = sticky(p, READINGS, SEED, persistence)
        plain, context, blocks = (
            8 * len(encode(readings, **how)) / READINGS for how in ({}, {"context": True}, {"per_codeword": 4})
        )
        saved = [bits(plain - other) for other in (context, blocks)]
        rows.append((f"{persistence:.2f}", bits(rate), bits(p.entropy() - rate), bits(plain), *saved))
    titles = ("s", "entropy rate", "predicted", "plain file", "saved in context", "saved in blocks of 4")
    screen.print(table(titles, rows))
    screen.print(
        Text(
            "\nBits per reading. Predicted is H(p) less the entropy rate, the price of pretending that readings are "
            f"independent; saved is measured on whole files of {READINGS:,} readings. A codeword in context still has "
            "at least one bit; blocks share bits among readings, and pay for a larger table."
        )
    )
