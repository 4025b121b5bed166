"""Paste into the pages what their commands print.

    python benchmarks/readme.py             run every command marked "run", paste its output
    python benchmarks/readme.py --check     the same, but only say where a page differs
    python benchmarks/readme.py --measured  also the commands marked "measured", whose output differs from run to run
    python benchmarks/readme.py --only WORD only the commands of either kind that have this word
    python benchmarks/readme.py README.md   only this page (or several)

A marked command stands in a comment above the fenced block that takes its output. The commands of a page
run one after the other, in an empty folder beside links to samples, benchmarks and tests.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGES = ("README.md", "samples/README.md", "benchmarks/README.md", "codec/files/README.md", "codec/nodes/README.md")
BLOCK = re.compile(r"<!-- (run|measured): (.*?) -->\n```text\n(.*?)```\n", re.DOTALL)


def output_of(command: str, folder: Path) -> str:
    """What a command prints, standard error included, without spaces at the ends of lines."""
    scripts = str(Path(sys.executable).parent)
    environment = {**os.environ, "PATH": scripts + os.pathsep + os.environ["PATH"]}
    for name in ("COLUMNS", "CODEC_ENGINE", "FORCE_COLOR"):
        environment.pop(name, None)
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        check=False,
    )
    return "".join(line.rstrip() + "\n" for line in done.stdout.strip("\n").splitlines())


def pasted(text: str, kinds: tuple[str, ...], only: str = "") -> str:
    """A page with the output of its commands of these kinds; of those only that have a word."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for linked in ("samples", "benchmarks", "tests"):
            (folder / linked).symlink_to(ROOT / linked)

        def fill(block: re.Match[str]) -> str:
            kind, command, _ = block.groups()
            if kind not in kinds or only not in command:
                return block.group()
            if "gcc " in command and shutil.which("gcc") is None:  # a page is not wrong where there is no compiler
                return block.group()
            return f"<!-- {kind}: {command} -->\n```text\n{output_of(command, folder)}```\n"

        return BLOCK.sub(fill, text)


def main() -> int:
    """Paste, or check."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("pages", nargs="*", default=PAGES, metavar="PAGE")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--measured", action="store_true")
    parser.add_argument("--only", default="", metavar="WORD")
    options = parser.parse_args()
    kinds = ("run", "measured") if options.measured or options.only else ("run",)
    differs = False
    for page in options.pages:
        path = ROOT / page
        before = path.read_text(encoding="utf-8")
        after = pasted(before, kinds, options.only)
        differs |= before != after
        if not options.check:
            path.write_text(after, encoding="utf-8")
            continue
        for old, new in zip(BLOCK.finditer(before), BLOCK.finditer(after), strict=True):
            if old.group() != new.group():
                print(f"{page}: {old.group(2)}\n  prints now:\n{new.group(3)}", file=sys.stderr)
    return int(options.check and differs)


if __name__ == "__main__":
    sys.exit(main())
