"""Completion of verbs, options and file names by a shell, written by shtab."""

from __future__ import annotations

import argparse
from typing import Any

SHELLS = ("bash", "zsh", "tcsh")


class Completion(argparse.Action):
    """Print the script that a shell is to read, and end."""

    def __call__(
        self, parser: argparse.ArgumentParser, namespace: argparse.Namespace, values: Any, option: str | None = None
    ) -> None:
        """Print the script for the shell that was named."""
        try:
            import shtab
        except ImportError:
            parser.error("shell completion needs shtab, which is not installed: pip install shtab")
        for verb in _verbs(parser):
            for action in verb._actions:
                if not action.choices and (not action.option_strings or action.metavar in ("FILE", "TABLE")):
                    action.complete = shtab.FILE  # type: ignore[attr-defined]
        print(shtab.complete(parser, values))
        parser.exit()


def _verbs(parser: argparse.ArgumentParser) -> list[argparse.ArgumentParser]:
    return [verb for action in parser._actions if isinstance(action.choices, dict) for verb in action.choices.values()]
