"""Results in a notebook, and the notebook of the samples, run from top to bottom."""

from pathlib import Path

import pytest

import codec
from codec.codes.check import check
from codec.coding import encode
from codec.show.html import as_html
from codec.show.plain import renderable
from codec.theory.sources import built_in

NASA, WINTER = built_in("nasa"), built_in("winter")
WALKTHROUGH = Path(codec.__file__).parent.parent / "samples" / "walkthrough.ipynb"
RESULTS = {
    "distribution": (NASA, True),
    "code": (codec.huffman(NASA), True),
    "ledger": (codec.ledger(encode(NASA.sample(500, 1))), True),
    "audit": (codec.audit(WINTER.sample(3000, 1), codec.huffman(NASA)), True),
    "mismatch": (codec.mismatch(NASA, WINTER), False),
    "certificate": (codec.huffman(NASA).certificate(NASA), False),
    "check": (check(NASA, {100: "0"}), False),
}


@pytest.mark.parametrize("name", RESULTS)
def test_a_result_is_its_tables_with_a_picture_where_one_says_more(name):
    result, has_picture = RESULTS[name]
    html = result._repr_html_()
    assert html.startswith(as_html(renderable(result))) and "<table>" in html
    assert ("<svg " in html) == has_picture
    assert html == result._repr_html_()


def _texts(notebook):
    """What the cells of code gave as text."""
    return [
        [
            output.get("text") or output["data"]["text/plain"]
            for output in cell.outputs
            if output.get("name") != "stderr"
        ]
        for cell in notebook.cells
        if cell.cell_type == "code"
    ]


@pytest.mark.slow
def test_the_walkthrough_runs_from_top_to_bottom_and_gives_what_is_kept_in_it():
    nbclient = pytest.importorskip("nbclient", reason="no nbclient: pip install 'codec[test-all]'")
    nbformat = pytest.importorskip("nbformat", reason="no nbformat: pip install 'codec[test-all]'")
    kept = nbformat.read(WALKTHROUGH, 4)
    again = nbformat.read(WALKTHROUGH, 4)
    nbclient.NotebookClient(again, timeout=60, kernel_name="python3", coalesce_streams=True).execute()
    assert _texts(again) == _texts(kept)
    sources = "\n".join(cell.source for cell in kept.cells)
    assert sources.count("codec.check(") == sources.count("**Exercise ") == 6
