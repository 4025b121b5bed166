"""The pages say what is so: their commands print what stands there, their Python gives what stands there."""

import doctest
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("samples", "benchmarks", "codec/files", "codec/nodes", "codec/arrays")
PAGES = ("README.md", *(f"{room}/README.md" for room in ROOMS))
README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "page", [page if page == "README.md" else pytest.param(page, marks=pytest.mark.slow) for page in PAGES]
)
def test_every_command_of_a_page_prints_what_stands_there(page: str):
    command = [sys.executable, "benchmarks/readme.py", "--check", page]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_python_of_the_readme_gives_what_stands_there():
    blocks = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    assert blocks
    runner = doctest.DocTestRunner()
    for block in blocks:
        runner.run(doctest.DocTestParser().get_doctest(block, {}, "README.md", "README.md", 0))
    assert runner.tries > 5
    assert runner.failures == 0


def test_the_readme_names_every_verb():
    shown = subprocess.run(
        [sys.executable, "-m", "codec", "--help"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    verbs = re.findall(r"^    ([a-z]+) ", shown.stdout, re.MULTILINE)
    assert len(verbs) >= 7
    assert [verb for verb in verbs if f"codec {verb}" not in README] == []


def test_the_readme_names_every_part_of_the_house():
    parts = [p.name for p in (ROOT / "codec").iterdir() if p.suffix == ".py" or p.is_dir()]
    named = [p for p in parts if p.startswith("_") or f"codec/{p}" in README]
    assert sorted(parts) == sorted(named)


def test_every_relative_link_of_the_pages_leads_somewhere():
    for page in PAGES:
        here = ROOT / page
        links = [link for link in re.findall(r"\]\(([^)]+)\)", here.read_text(encoding="utf-8")) if "://" not in link]
        assert [link for link in links if not (here.parent / link).exists()] == [], page
    assert "](" in README


def test_no_output_stands_twice():
    outputs = [
        output
        for page in PAGES
        for output in re.findall(r"-->\n```text\n(.*?)```", (ROOT / page).read_text(encoding="utf-8"), re.DOTALL)
    ]
    assert len(outputs) > 10
    assert sorted(outputs) == sorted(set(outputs))


def test_the_annotated_packet_has_the_bits_that_are_printed_above_it():
    page = (ROOT / "codec" / "nodes" / "README.md").read_text(encoding="utf-8")
    printed = re.search(r"--packets 6 -->\n```text\n([0-9a-f]+)\n", page)[1]
    rows = re.findall(r"^\| (`[01]+`(?: `[01]+`)?) \|", page, re.MULTILINE)
    bits = "".join(re.findall("[01]", " ".join(rows)))
    assert len(rows) == 9 and int(bits, 2).to_bytes(len(bits) // 8, "big").hex() == printed
