"""The page in which p and q are dragged: in a browser, its numbers are those of the library."""

import json
import math
import random
import re

import pytest
from browser import chromium, fits_every_window, shown
from command_line import good, refused

from codec.codes.constructions import construct
from codec.codes.prefix import huffman
from codec.measure.mismatch import mismatch
from codec.show.explore import explore_page, presets, side_by_side
from codec.theory.distribution import Distribution


@pytest.fixture(scope="module")
def browser():
    with chromium() as running:
        yield running


@pytest.fixture
def page(browser, tmp_path):
    path = tmp_path / "explore.html"
    path.write_text(explore_page(presets()), "utf-8")
    with shown(browser, path) as opened:
        yield opened


def random_pairs(count):
    """Weights with ties and zeros."""
    choose = random.Random(20)
    for _ in range(count):
        size, most = choose.randint(1, 8), choose.choice([1, 3, 10, 1000, 10**30])
        pair = [[choose.randint(0, most) for _ in range(size)] for _ in "pq"]
        yield [weights if any(weights) else [1] * size for weights in pair]


@pytest.mark.dear
def test_every_codeword_and_number_is_that_of_the_library(page):
    pairs = list(random_pairs(300))
    script = """pairs => pairs.map(([p, q]) => [1, 2].map(k => {
        const found = codec.compare(p.map(BigInt), q.map(BigInt), k), no = (x) => Number.isFinite(x) ? x : null;
        return {own: codec.codewords(found.own), believed: codec.codewords(found.believed), numbers: ["entropy",
            "crossEntropy", "divergence", "ownLength", "length", "extra", "shannon"].map(key => no(found[key]))};
    }))"""
    answers = page.evaluate(script, [[[str(w) for w in weights] for weights in pair] for pair in pairs])
    for (p, q), both in zip(pairs, answers, strict=True):
        for k, answer in zip((1, 2), both, strict=True):
            one, other = Distribution(range(len(p)), p), Distribution(range(len(q)), q)
            for name, weights in (("own", one), ("believed", other)):
                code = huffman(weights.extension(k) if k > 1 else weights)
                words = code.codewords
                assert answer[name] == [words[label].to01() if label in words else "" for label in code.alphabet]
            row = mismatch(one, other, per_codeword=k)
            shannon = construct("shannon", other.extension(k)).expected_length(one.extension(k)) / k
            kl = row.kl_prediction
            wanted = [row.entropy, row.entropy + kl, kl, row.own_expected_length,
                      row.expected_length, row.expected_extra, shannon]  # fmt: skip
            for got, want in zip(answer["numbers"], wanted, strict=True):
                assert got == (pytest.approx(want, abs=1e-9) if math.isfinite(want) else None), (p, q, k)


@pytest.mark.slow
def test_a_drag_changes_every_number_and_takes_a_moment(page, capsys):
    ids = ["entropy", "crossEntropy", "divergence", "ownLength", "length", "extra", "shannon", "p0", "p1"]
    before = [page.text_content(f"#{name}") for name in ids]
    slider = page.locator("input.p").first
    slider.focus()
    for _ in range(20):
        slider.press("ArrowUp")
    after = [page.text_content(f"#{name}") for name in ids]
    assert all(old != new for old, new in zip(before, after, strict=True))
    milliseconds = page.evaluate("page.dragTime")
    with capsys.disabled():
        print(f"\na drag takes {milliseconds:.0f} ms with 8 labels and up to 4 readings in a codeword")
    assert slider.get_attribute("aria-label") == "p of 100" and slider.get_attribute("aria-valuetext") != "0.300"
    assert page.get_by_role("slider").count() == 16


@pytest.mark.slow
def test_a_thousand_readings_are_sent_and_decoded(page):
    assert page.evaluate("codec.decode('0101100', ['0', '10', '11'])") == {
        "symbols": [0, 1, 2, 0, 0], "taken": [1, 2, 2, 1, 1]}  # fmt: skip
    page.click("#send")
    said = page.inner_text("#sent")
    assert "they came back equal" in said and page.locator(".sent").count() == 60
    z = float(re.search(r"z = (−?[0-9]+[.][0-9]+)", said)[1].replace("−", "-"))
    assert abs(z) < 5
    codewords = {row.locator("th").inner_text(): row.locator(".word.q").inner_text()
                 for row in page.locator("#codewords tr").all()}  # fmt: skip
    assert all(codewords[part.inner_text().split("\n")[1]] == part.locator("code").inner_text()
               for part in page.locator(".sent").all())  # fmt: skip
    flipped = page.evaluate("codec.decode('1101100', ['0', '10', '11'])")
    assert flipped["symbols"] != [0, 1, 2, 0, 0]


def test_every_preset_shows_and_the_coin_that_costs_nothing_is_among_them(page):
    names = page.locator("#preset option").all_inner_texts()
    assert len(names) == len(presets())
    for number, name in enumerate(names):
        page.select_option("#preset", str(number))
        if name.startswith("(½, ½)"):
            assert page.text_content("#divergence") == "3.9836" and page.text_content("#extra") == "0.0000"
        if name.startswith("the article"):
            assert page.text_content("#entropy") == "2.3808" and page.text_content("#divergence") == "1.0308"
        if name == "nasa against peaked":
            cells = [row.locator("td").nth(2).inner_text() for row in page.locator("#blocks tr").all()]
            assert cells == ["0.1400", "0.9649", "1.0764", "1.3579"]


@pytest.mark.slow
def test_nothing_overflows_in_a_narrow_or_a_wide_window_and_both_colours_and_paper_work(browser, tmp_path):
    p = Distribution([f"level {i}" for i in range(16)], range(1, 17))
    path = tmp_path / "wide.html"
    path.write_text(explore_page([("sixteen", p, p), *presets()]), "utf-8")
    fits_every_window(browser, path, "() => document.getElementById('send').click()")


def test_the_verb_writes_one_small_file_with_exact_weights(tmp_path):
    page = tmp_path / "x.html"
    said = good("explore", "nasa", "peaked", "-o", page).talk
    text = page.read_text("utf-8")
    assert len(text.encode()) < 150_000 and "bytes; open it in any browser" in said
    assert "http" not in text.replace("http-equiv", "")
    first = json.loads(re.search(r'type="application/json">(.*?)</script>', text, re.S)[1])[0]
    assert first["name"] == "nasa against peaked" and first["p"] == ["30", "40", "5", "6", "7", "2", "5", "5"]
    assert "27 labels, and the page has room for 16" in refused("explore", "letters", "-o", tmp_path / "y.html")


def test_labels_of_both_stand_side_by_side():
    p, q = side_by_side(Distribution([1, 2], [1, 1]), Distribution([3, 2], [1, 3]))
    assert (list(q.labels), p.weights.tolist(), q.weights.tolist()) == ([1, 2, 3], [1, 1, 0], [0, 3, 1])
