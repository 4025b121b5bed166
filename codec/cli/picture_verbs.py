"""The verbs that draw: pages and figures."""

from __future__ import annotations

import webbrowser
from argparse import Namespace
from pathlib import Path

from codec.cli.files import output_file
from codec.cli.operands import subject
from codec.cli.talk import say
from codec.codes.prefix import PrefixCode
from codec.errors import StreamError, UsageError
from codec.files.container import write_all
from codec.show.explore import Pair, explore_page, presets
from codec.theory.distribution import Distribution


def explore(options: Namespace) -> None:
    """A page in which p and q are dragged."""
    target = options.output or "explore.html"
    if options.show and target == "-":
        raise UsageError("--open shows a file, and -o - writes none")
    try:
        page = explore_page([*_pair(options), *presets()])
    except ValueError as error:
        raise StreamError(str(error)) from None
    data = page.encode("utf-8")
    with output_file(target, options.force, options.p, options.q) as file:
        write_all(file, data)
    if target != "-":
        say(f"{target}: {len(data):,} bytes; open it in any browser")
    if options.show:
        webbrowser.open(Path(target).resolve().as_uri())


def _pair(options: Namespace) -> list[Pair]:
    if options.p is None:
        return []
    p = _distribution(options.p, options)
    if options.q is None:
        return [(f"{options.p} against uniform", p, Distribution(p.labels, [1] * len(p)))]
    return [(f"{options.p} against {options.q}", p, _distribution(options.q, options))]


def _distribution(name: str, options: Namespace) -> Distribution:
    """What is named; of a table without weights, the distribution that its lengths imply."""
    thing = subject(name, options)
    if not isinstance(thing, PrefixCode):
        return thing
    return thing.implied() if thing.weights is None else Distribution(thing.alphabet, thing.weights)
