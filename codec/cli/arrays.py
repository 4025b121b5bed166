"""Arrays in chunks, as operands of verbs, and what the verbs make of them."""

from __future__ import annotations

from argparse import Namespace

from codec.arrays.counts import distribution_of
from codec.arrays.measure import ArrayAudit
from codec.arrays.measure import audit as measure_audit
from codec.arrays.opened import is_array, open_array, over
from codec.arrays.stored import stored
from codec.cli.talk import one_line, print_json, standard_output
from codec.codes.prefix import PrefixCode
from codec.errors import UsageError
from codec.show.as_json import as_json
from codec.show.chunks import array_json, array_report
from codec.show.console import console
from codec.theory.distribution import Distribution

_OF_STREAMS = {name: name.replace("_", "-") for name in ("column", "no_header", "skip", "comment", "missing", "window",
               "no_decimals", "time", "every", "per_day", "show")} | {"raw": "bytes"}  # fmt: skip


def array_distribution(name: str, options: Namespace, transform: str) -> Distribution:
    """The distribution of an array, or of what a transform makes of each chunk."""
    refuse_others(name, options)
    with over(getattr(options, "scheduler", None)):
        return distribution_of(open_array(name), transform, step=options.step, name=one_line(name))


def array_audit(name: str, options: Namespace, code: PrefixCode | None) -> ArrayAudit:
    """What a shared table costs on an array, chunk by chunk; without one, that of the array itself."""
    refuse_others(name, options)
    with over(options.scheduler):
        return measure_audit(open_array(name), code, step=getattr(options, "step", None), name=one_line(name))


def inspect_array(name: str, options: Namespace) -> None:
    """How an array is stored, and what its readings are worth chunk by chunk."""
    if options.code is not None:
        raise UsageError(f"{name} is an array, which has its table in its metadata: --code is for `codec audit`")
    audit, how = array_audit(name, options, None), stored(open_array(name), one_line(name))
    if options.json:
        return print_json({**array_json(audit), **as_json(how)})
    console(standard_output()).print(array_report(audit, how, one_line(name)))


def refuse_others(name: str, options: Namespace) -> None:
    """Refuse options that are for streams."""
    given = [option for word, option in _OF_STREAMS.items() if getattr(options, word, None)]
    if given:
        raise UsageError(f"{name} is an array in chunks, and --{given[0]} is for streams")


def refuse_scheduler(options: Namespace, *names: str) -> None:
    """Refuse a cluster where no array is measured."""
    if options.scheduler is not None and not any(map(is_array, names)):
        raise UsageError("--scheduler is for arrays in chunks, folders that Zarr opens")
