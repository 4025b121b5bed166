"""What the parser of the command line is made of: types of options, and what an option does when it is given."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from codec.errors import UsageError
from codec.nodes.layout import PacketLayout, parse_layout
from codec.readings.grid import parse_step


class _Once(argparse.Action):
    """Store a value, and refuse a second one, which would silently replace the first."""

    def __call__(
        self, parser: argparse.ArgumentParser, namespace: argparse.Namespace, values: Any, option: str | None = None
    ) -> None:
        given = vars(namespace).setdefault("given", set())
        if option is not None and self.dest in given:
            raise argparse.ArgumentError(self, f"given twice, and it takes one value; the second is {str(values)!r}")
        given.add(self.dest)
        setattr(namespace, self.dest, values)


class Columns(_Once):
    """The column to read; `encode` takes several, and `columns` are all of them."""

    def __call__(
        self, parser: argparse.ArgumentParser, namespace: argparse.Namespace, values: Any, option: str | None = None
    ) -> None:
        """Keep the column, and all of them."""
        namespace.columns = [*getattr(namespace, "columns", []), values]
        if len(namespace.columns) == 1 or not parser.prog.endswith(" encode"):
            super().__call__(parser, namespace, values, option)


class Codes(_Once):
    """The table to use; packets of several channels take one for each, and `codes` are all of them."""

    def __call__(
        self, parser: argparse.ArgumentParser, namespace: argparse.Namespace, values: Any, option: str | None = None
    ) -> None:
        """Keep the table, and all of them."""
        namespace.codes = [*getattr(namespace, "codes", []), values]
        if len(namespace.codes) == 1:
            super().__call__(parser, namespace, values, option)


class Completion(argparse.Action):
    """Print what a shell needs to complete verbs, options and names of files, and end."""

    def __call__(
        self, parser: argparse.ArgumentParser, namespace: argparse.Namespace, values: Any, option: str | None = None
    ) -> None:
        """Print it and end."""
        try:
            import shtab
        except ModuleNotFoundError:
            raise UsageError("--print-completion needs shtab: pip install 'codec[completion]'") from None
        if values not in shtab.SUPPORTED_SHELLS:
            raise argparse.ArgumentError(self, f"one of {', '.join(shtab.SUPPORTED_SHELLS)}, and not {values!r}")
        for verb in _verbs_of(parser):
            for each in verb._actions:
                if each.dest in _FILES:
                    each.complete = shtab.FILE  # type: ignore[attr-defined]
        print(shtab.complete(parser, values))
        parser.exit()


_FILES = ("stream", "file", "source", "code", "output", "retrain", "p", "q", "operands", "codewords")


def _verbs_of(parser: argparse.ArgumentParser) -> list[argparse.ArgumentParser]:
    return [verb for each in parser._actions if isinstance(each.choices, dict) for verb in each.choices.values()]


class Parser(argparse.ArgumentParser):
    """A parser that takes options by their whole name, and those with a value once."""

    def __init__(self, **keywords: Any) -> None:
        super().__init__(allow_abbrev=False, **keywords)
        self.register("action", None, _Once)


def number_of(unit: str, least: int = 0, most: int | None = None) -> Callable[[str], int]:
    """The type of an option that is a number of these."""
    between = f"at least {least}" if most is None else f"from {least} to {most:,}"

    def number(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            value = least - 1
        if value < least or (most is not None and value > most):
            raise argparse.ArgumentTypeError(f"a number of {unit}, {between}, and not {text!r}")
        return value

    return number


def span(text: str) -> tuple[int | None, int | None]:
    """The two ends of A:B, each of which may be left out."""
    match = re.fullmatch("(-?[0-9]{1,18})?:(-?[0-9]{1,18})?", text)
    if match is None:
        raise argparse.ArgumentTypeError(f"a range A:B of readings, counted from 0, and not {text!r}")
    return int(match[1]) if match[1] else None, int(match[2]) if match[2] else None


def positive_number(text: str) -> Fraction:
    """The exact value of a positive number from 1e-18 to 1e18."""
    try:
        number = Fraction(text if len(text) <= 40 and not re.search("[eE][+-]?[0-9]{3}", text) else "none")
    except (ValueError, ZeroDivisionError):
        number = Fraction(0)
    if not 0 < number < 10**18 or number.denominator > 10**18:
        raise argparse.ArgumentTypeError(f"a positive number, and not {text!r}")
    return number


def parsed_steps(text: str) -> list[str]:
    """The type of --step where several are compared."""
    return [parsed_step(part) for part in text.split(",")]


def packet_layout(text: str) -> PacketLayout:
    """The type of --layout."""
    try:
        return parse_layout(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def parsed_step(text: str) -> str:
    """The type of --step."""
    try:
        return parse_step(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def a_number(text: str) -> str:
    """The type of --missing: a decimal number, as text."""
    if not re.fullmatch(r"-?[0-9]{1,30}(\.[0-9]{1,30})?", text):
        raise argparse.ArgumentTypeError(f"a decimal number, and not {text!r}")
    return text
