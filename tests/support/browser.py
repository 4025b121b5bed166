"""A Chromium without a window, and the pages it shows."""

import contextlib
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

_CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
          "--disable-sync", "--no-first-run"]  # fmt: skip


@contextlib.contextmanager
def chromium() -> Iterator[Any]:
    """A running browser; without one on the machine the test is skipped."""
    if _CHROMIUM is None:
        pytest.skip("no Chromium on this machine: apt install chromium")
    playwright = pytest.importorskip("playwright.sync_api", reason="no playwright: pip install 'codec[test-all]'")
    with playwright.sync_playwright() as running:
        browser = running.chromium.launch(executable_path=_CHROMIUM, args=_FLAGS)
        yield browser
        browser.close()


@contextlib.contextmanager
def shown(browser: Any, path: Path, width: int = 1280, scheme: str = "light") -> Iterator[Any]:
    """A page; nothing may go wrong in it, and it may ask nothing of a network."""
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    wrong: list[str] = []
    page.on("console", lambda message: wrong.append(message.text))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("request", lambda request: wrong.extend({request.url} - {path.as_uri()}))
    page.goto(path.as_uri())
    yield page
    assert not wrong
    page.close()


def fits_every_window(browser: Any, path: Path, prepare: str = "() => 0") -> None:
    """The page is as wide as a narrow and a wide window, has ink on paper in light and dark, and can be printed."""
    for scheme in ("light", "dark"):
        for width in (360, 1280):
            with shown(browser, path, width, scheme) as page:
                page.evaluate(prepare)
                beyond = """[...document.querySelectorAll('body *')].filter(e => !e.closest('.wide, svg'))
                    .filter(e => e.getBoundingClientRect().right > innerWidth).map(e => e.outerHTML.slice(0, 80))"""
                assert page.evaluate(beyond) == []
                assert page.evaluate("document.documentElement.scrollWidth") == width
                colours = page.evaluate("['color', 'backgroundColor'].map(k => getComputedStyle(document.body)[k])")
                ink, paper = (sum(map(int, re.findall(r"\d+", colour)[:3])) for colour in colours)
                assert (ink < paper) == (scheme == "light")
    with shown(browser, path) as page:
        assert page.pdf().startswith(b"%PDF")
