"""Figures: their marks are the results' numbers, nothing overlaps, and the files follow the page around them."""

import os
import re
import subprocess
import sys

import numpy as np
import pytest
from command_line import good, misused, refused
from matplotlib.backends.backend_agg import FigureCanvasAgg

from codec.codes.constructions import construct
from codec.codes.prefix import huffman
from codec.coding import encode
from codec.measure.audit import audit
from codec.measure.ledger import ledger
from codec.measure.mismatch import mismatch
from codec.measure.random_pairs import random_pairs
from codec.show import figures
from codec.show.pictures import picture
from codec.theory.distribution import Distribution
from codec.theory.sources import built_in

NASA, PEAKED = built_in("nasa"), built_in("peaked")


def overlaps(figure):
    """Pairs of texts of a drawn figure that lie on each other."""
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    found = []
    for axes in figure.axes:
        ticks = [label for axis in (axes.xaxis, axes.yaxis) for label in axis.get_ticklabels()]
        texts = [text for text in (*ticks, *axes.texts, axes.xaxis.label, axes.yaxis.label) if text.get_text()]
        found += [(text.get_text(), text.get_window_extent(canvas.get_renderer())) for text in texts]
    return [
        (a, b)
        for i, (a, box) in enumerate(found)
        for b, other in found[:i]
        if box.padded(-1).overlaps(other.padded(-1))
    ]


@pytest.mark.dear
@pytest.mark.parametrize("size", [2, 8, 40, 300])
def test_no_text_lies_on_another_with_few_or_many_labels(size):
    random = np.random.default_rng(size)
    p, q = (Distribution(range(-size, 0), random.integers(1, 1000, size)) for _ in "pq")
    codes = [(name, construct(name, p)) for name in ("huffman", "shannon", "fixed")]
    for figure in (figures.bars(p, [("q", q)]), figures.lengths(p, [("q", q)]),
                   figures.tree(huffman(p)), figures.kraft(codes)):  # fmt: skip
        assert overlaps(figure) == [], figure.get_suptitle()


def test_bars_are_the_probabilities():
    patches = figures.bars(NASA, [("peaked", PEAKED)]).axes[0].patches
    heights = [patch.get_height() for patch in patches]
    assert heights == [*NASA.probabilities, *PEAKED.probabilities]


def test_lengths_are_those_of_the_codes_and_a_label_without_a_codeword_has_none():
    q = Distribution(NASA.labels, [0, 1, 1, 1, 1, 1, 1, 1])
    ideal, own, believed = (line.get_ydata() for line in figures.lengths(NASA, [("q", q)]).axes[0].lines)
    order = np.argsort(-NASA.probabilities, kind="stable")
    assert ideal.tolist() == (-np.log2(NASA.probabilities[order])).tolist()
    assert own.tolist() == huffman(NASA).lengths[order].tolist()
    assert np.isnan(believed[1]) and believed[0] == huffman(q).lengths[1]


def test_a_tree_names_every_label_at_its_depth_and_folds_deep_branches():
    code = huffman(NASA)
    texts = {text.get_text(): text.get_position()[0] for text in figures.tree(code).axes[0].texts}
    assert all(texts[str(label)] == pytest.approx(n + 0.08) for label, n in zip(NASA.labels, code.lengths, strict=True))
    many = figures.tree(huffman(Distribution(range(1000), range(1, 1001)))).axes[0].texts
    folded = [int(text.get_text().split()[0]) for text in many if "labels" in text.get_text()]
    assert sum(folded) == 1000 and len(folded) <= figures.MAX_LEAVES
    assert "(escape)" in [text.get_text() for text in figures.tree(huffman(NASA, None, 1)).axes[0].texts]


def test_the_unit_interval_is_filled_and_holes_are_seen():
    axes = figures.kraft([("Huffman", huffman(NASA)), ("Shannon", construct("shannon", NASA))]).axes[0]
    widths = [[patch.get_width() for patch in bars if not patch.get_hatch()] for bars in axes.containers]
    holes = [patch.get_width() for patch in axes.patches if patch.get_hatch()]
    assert sum(widths[0]) == 1 and sum(widths[1]) == 45 / 64 and holes == [1 - 45 / 64]


def test_the_bars_of_a_ledger_sum_to_the_file():
    books = [ledger(encode(NASA.sample(n, 1), NASA)) for n in (100, 1000)]
    bars = figures.ledger(books).axes[0].containers
    for row, book in enumerate(books):
        assert sum(bar[row].get_width() for bar in bars) == pytest.approx(book.file_bits / book.count)


def test_random_pairs_keep_shannons_band_and_no_band_holds_for_huffman():
    costs = random_pairs(300)
    assert (costs.divergence - 1e-9 <= costs.shannon).all() and (costs.shannon < costs.divergence + 1).all()
    assert (costs.huffman < costs.divergence).any() and costs.extra.min() >= 0
    _, right = figures.scatter(costs).axes
    assert f"{costs.below} of 300 below the line" in right.get_title() and 0 < costs.below < 300
    assert right.lines[0].get_ydata().tolist() == costs.extra.tolist()
    with pytest.raises(ValueError, match="at least two labels"):
        random_pairs(1, 1)


def test_blocks_show_the_walk_of_the_exact_extra_bits():
    rows = [mismatch(NASA, PEAKED, per_codeword=k) for k in (1, 2, 3)]
    left, right = figures.blocks(rows, "peaked").axes
    assert list(left.lines[0].get_ydata()) == [row.expected_extra for row in rows]
    assert left.lines[1].get_ydata()[0] == rows[0].kl_prediction and right.lines[1].get_ydata()[0] == NASA.entropy()


def test_redundancy_stays_between_the_entropy_and_one_bit_more():
    h, *codes = (line.get_ydata() for line in figures.redundancy().axes[0].lines)
    assert len(codes) == 3 and all((h - 1e-12 <= code).all() and (code < h + 1).all() for code in map(np.array, codes))


def test_break_even_and_drift_show_the_audit():
    stream = np.concatenate([NASA.sample(3000, 1), PEAKED.sample(3000, 2)])
    report = audit(stream, NASA)
    axes = figures.break_even(report).axes[0]
    crossing = report.break_even_readings
    old, fresh, point = (line.get_xydata() for line in axes.lines)
    assert point.tolist() == [[crossing, crossing * report.old_mean_length]] and f"{crossing:,} readings" in [
        text.get_text() for text in axes.texts
    ]
    assert fresh[0].tolist() == [0, report.table_bits] and old[-1][1] > fresh[-1][1]
    lines = figures.drift(report, audit(stream, report.distribution)).axes[0].lines
    assert list(lines[0].get_ydata()) == [window.mean_length for window in report.windows]
    with pytest.raises(ValueError, match="no codeword for some readings"):
        figures.break_even(audit([1, 2], Distribution([1], [1])))


@pytest.mark.slow
def test_an_svg_keeps_its_text_and_follows_light_and_dark_and_is_the_same_each_time():
    text = picture(figures.bars(NASA, [("peaked", PEAKED)]), "svg").decode()
    assert text == picture(figures.bars(NASA, [("peaked", PEAKED)]), "svg").decode()
    assert "<title>p beside peaked</title><desc>Bars of 8 labels: p, peaked</desc>" in text
    assert re.search(r">probability</text>", text) and "prefers-color-scheme:dark" in text
    body = text.split("</style>", 1)[1]
    assert "currentColor" in body and figures.INK not in body
    assert picture(figures.redundancy(1), "png").startswith(b"\x89PNG")
    assert picture(figures.redundancy(1), "pdf").startswith(b"%PDF")
    with pytest.raises(ValueError, match="svg, png, pdf"):
        picture(figures.redundancy(1), "gif")


@pytest.mark.slow
def test_the_verb_draws_every_kind(tmp_path):
    stream, table = tmp_path / "s.txt", tmp_path / "t.json"
    good("generate", "nasa", "-n", 1200, "--drift-to", "winter", "-o", stream)
    good("table", "nasa", "-o", table)
    kinds = {"bars": ["nasa", stream], "tree": [table], "lengths": ["nasa"], "kraft": ["nasa"], "ledger": [stream],
             "scatter": ["-n", 5], "blocks": ["nasa", "peaked", "--blocks", 2], "redundancy": [],
             "break-even": [stream, "--code", table], "drift": [stream, "--code", table]}  # fmt: skip
    for kind, arguments in kinds.items():
        target = tmp_path / f"{kind}.svg"
        good("figure", kind, *arguments, "-o", target)
        assert "</svg>" in target.read_text()
    assert "exists already" in refused("figure", "redundancy", "-o", tmp_path / "redundancy.svg")


def test_wrong_usage_is_named(tmp_path):
    assert "tree takes 1 of P, Q and streams, not 0" in misused("figure", "tree")
    assert "bars takes at least 1" in misused("figure", "bars")
    assert "drift takes a --code" in misused("figure", "drift", "s.txt")
    assert "bars takes no --code" in misused("figure", "bars", "nasa", "--code", "nasa")
    assert ".svg, .png or .pdf" in misused("figure", "bars", "nasa", "-o", tmp_path / "x.gif")
    (tmp_path / "few.txt").write_text("1\n2\n")
    assert "fewer than 100 readings" in refused("figure", "ledger", tmp_path / "few.txt", "-o", tmp_path / "x.svg")


def test_without_matplotlib_the_way_out_is_named(tmp_path):
    (tmp_path / "matplotlib").mkdir()
    (tmp_path / "matplotlib" / "__init__.py").write_text("raise ModuleNotFoundError(name='matplotlib')")
    path = os.pathsep.join([str(tmp_path), *filter(None, [os.environ.get("PYTHONPATH")])])
    command = [sys.executable, "-m", "codec", "figure", "redundancy"]
    done = subprocess.run(command, env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True)
    assert done.returncode == 2 and done.stderr == "codec figure: figures need matplotlib: pip install 'codec[plots]'\n"
