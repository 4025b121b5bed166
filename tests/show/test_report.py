"""The report: one page about one stream, whose numbers are those of the results."""

import re

import pytest
from browser import chromium, fits_every_window, shown
from command_line import good, refused

from codec.measure.audit import audit
from codec.measure.ledger import ledger
from codec.show.console import bits, whole
from codec.show.html import as_html
from codec.show.ledger import ledger_table
from codec.theory.sources import built_in


@pytest.fixture(scope="module")
def streams(tmp_path_factory):
    """A stream that moves from nasa to winter, and the table of nasa."""
    folder = tmp_path_factory.mktemp("report")
    good("generate", "nasa", "-n", 2400, "--drift-to", "winter", "-o", folder / "<s>.txt")
    good("table", "nasa", "-o", folder / "old.json")
    return folder


@pytest.fixture(scope="module")
def page(streams):
    good("report", streams / "<s>.txt", "--code", streams / "old.json", "-o", streams / "x.html")
    return streams / "x.html"


def test_the_numbers_are_those_of_the_ledger_and_the_audit(streams, page):
    text = page.read_text("utf-8")
    good("encode", streams / "<s>.txt", "-o", streams / "s.huf")
    book = ledger((streams / "s.huf").read_bytes())
    assert as_html(ledger_table(book)) in text
    readings = [int(line) for line in (streams / "<s>.txt").read_text().split()]
    report = audit(readings, built_in("nasa"))
    assert f"{report.verdict.upper()}: " in text and bits(report.old_mean_length) in text
    assert whole(book.file_bits) in text
    titles = re.findall("<h2>(.*?)</h2>", text)
    assert [title.split()[0] for title in titles] == ["What", "Its", "Where", "What", "Memory,", "The", "What"]
    assert "&lt;s&gt;.txt" in text and "<s>" not in text
    names = re.findall(r' id="([^"]+)"', text)
    assert len(names) == len(set(names))


@pytest.mark.slow
def test_it_needs_no_script_and_no_network_and_fits_every_window(page):
    assert "<script" not in page.read_text("utf-8")
    with chromium() as browser:
        fits_every_window(browser, page)
        with shown(browser, page) as opened:
            assert opened.locator("figure svg").count() == 6
            assert opened.locator("section").count() == 7


def test_without_an_old_table_it_says_how_to_get_one(streams, tmp_path):
    (tmp_path / "s.txt").write_text("1\n2\n2\n3\n")
    good("report", tmp_path / "s.txt", "-o", tmp_path / "x.html")
    text = (tmp_path / "x.html").read_text("utf-8")
    assert "codec table -o TABLE.json" in text and "The old table" not in text
    (tmp_path / "none.txt").write_text("")
    assert "is empty" in refused("report", tmp_path / "none.txt", "-o", tmp_path / "y.html")


@pytest.mark.slow
def test_sticky_readings_are_told_of_the_way_that_uses_it(tmp_path):
    good("generate", "nasa", "-n", 4000, "--persistence", 0.9, "-o", tmp_path / "s.txt")
    good("report", tmp_path / "s.txt", "-o", tmp_path / "x.html")
    chosen = good("encode", tmp_path / "s.txt", "--best", "--json", "-o", tmp_path / "s.huf").json()["chosen"]
    assert chosen != "plain"
    assert f"codec encode --best: {chosen} makes a file" in (tmp_path / "x.html").read_text("utf-8")
