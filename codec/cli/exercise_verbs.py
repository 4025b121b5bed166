"""The verbs exercise and check: a task for a person, and what an answer is worth."""

from __future__ import annotations

import json
from argparse import Namespace
from typing import Any

from codec.cli.files import in_file, input_file
from codec.cli.operands import subject, weighted
from codec.cli.talk import print_json, standard_output
from codec.codes.check import check as judge
from codec.errors import TableError
from codec.show.as_json import as_json
from codec.show.check import check_report
from codec.show.console import bits, console
from codec.show.exercise import exercise as drawn
from codec.show.exercise import spelled

_WANTED = 'wanted is JSON, {"a": "0", "b": "10"}'


def exercise(options: Namespace) -> None:
    """A task; with --answers its solution too."""
    task = drawn(options.kind, options.seed, options.labels)
    given = dict(zip("pq", map(spelled, task.given), strict=False))
    if options.json:
        solved = {"steps": task.steps, "result": task.result} if options.answers else {}
        return print_json({"kind": options.kind, "seed": options.seed, "task": task.task, **given, **solved})
    screen = console(standard_output())
    screen.print(task.task, "", *(f"{name} is {text}" for name, text in given.items()), sep="\n")
    if options.answers:
        screen.print("", *task.steps, "", *(_line(name, value) for name, value in task.result.items()), sep="\n")
    elif options.kind == "huffman":
        screen.print('\nAn answer is a file such as {"a": "0", "b": "10"}; codec check P FILE judges it, P as above.')


def _line(name: str, value: Any) -> str:
    """A result in words."""
    if isinstance(value, dict):
        text = ", ".join(f"{label} {word}" for label, word in value.items())
    else:
        text = ", ".join(bits(number) for number in (value if isinstance(value, list) else [value]))
    return f"{name.replace('_', ' ')}: {text}"


def check(options: Namespace) -> None:
    """What codewords are worth as a code for p."""
    p = weighted(options.p, subject(options.p, options))
    with input_file(options.codewords) as file, in_file(options.codewords):
        try:
            report = judge(p, json.load(file))
        except RecursionError:
            raise TableError(f"its JSON is nested too deeply: {_WANTED}") from None
        except (ValueError, TypeError) as error:
            raise TableError(f"{error}: {_WANTED}") from None
    if options.json:
        kraft = report.kraft_sum.as_integer_ratio()
        return print_json({**as_json(report), "kraft_sum": kraft, "optimal": report.optimal})
    console(standard_output()).print(check_report(report))
