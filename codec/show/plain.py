"""Results as text: what the command line prints of them."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

from rich.console import Group, RenderableType

from codec.arrays.measure import ArrayAudit
from codec.codes.certificate import Certificate
from codec.codes.check import Check
from codec.codes.prefix import PrefixCode
from codec.coding.salvage import Salvage
from codec.errors import counted
from codec.measure.audit import Audit
from codec.measure.ledger import Ledger
from codec.measure.mismatch import Mismatch
from codec.show.audit import audit_report
from codec.show.certificate import certificate_table
from codec.show.check import check_report
from codec.show.chunks import array_audit_report
from codec.show.code import code_report, code_table, code_totals, distribution_table
from codec.show.comparison import comparison_table
from codec.show.console import console
from codec.show.ledger import ledger_report, summary
from codec.show.salvage import salvage_report
from codec.theory.distribution import Distribution


def plain(result: Any) -> str:
    """A result as text, without colours and in its natural width.

    >>> print(plain(Distribution("ab", [3, 1])))
    label        p   −log2 p
    ────────────────────────
        a   0.7500    0.4150
        b   0.2500    2.0000
    H(p) = 0.8113 bits per label.
    """
    file = io.StringIO()
    console(file, colours=False).print(renderable(result))
    return file.getvalue().rstrip("\n")


def renderable(result: Any) -> RenderableType:
    """What is shown of a result."""
    (show,) = [show for kind, show in _SHOWN.items() if isinstance(result, kind)]
    return show(result)


def _code(code: PrefixCode) -> RenderableType:
    """A code under the weights that it was made from, or those that its lengths imply."""
    report = code_report(code, code.implied() if code.weights is None else Distribution(code.alphabet, code.weights))
    implied = ("p is what the lengths imply: this code has no weights",) if code.weights is None else ()
    return Group(code_table(report), "", code_totals(report, code.readings), *implied)


_SHOWN: dict[type, Callable[[Any], RenderableType]] = {
    ArrayAudit: lambda audit: array_audit_report(audit, "array", "the table"),
    Audit: lambda audit: audit_report(audit, "stream", "the old table"),
    Certificate: certificate_table,
    Check: check_report,
    Distribution: distribution_table,
    Ledger: lambda book: Group(summary(book, "file"), "", ledger_report(book)),
    Mismatch: lambda row: comparison_table([("q", row)], counted(row.count, "reading")),
    PrefixCode: _code,
    Salvage: salvage_report,
}
