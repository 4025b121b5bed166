"""export: a header of C from a saved table."""

from command_line import good, misused, refused

from codec.nodes.layout import load


def test_a_header_is_named_after_its_table_and_says_its_fingerprint(tmp_path):
    (tmp_path / "s.txt").write_text("".join(f"{i % 7 + i % 3}\n" for i in range(99)))
    table = tmp_path / "7-steps.v2.json"
    good("table", tmp_path / "s.txt", "--layout", "delta,count=5", "--escape", "-o", table)
    result = good("export", table, "--lang", "c", "-o", tmp_path / "t.h")
    text = (tmp_path / "t.h").read_text()
    fingerprint = load(table).fingerprint
    assert f'#define T_7_STEPS_FINGERPRINT "{fingerprint}"' in text and "t_7_steps_encode(" in text
    assert "bytes of constants" in result.talk and fingerprint in result.talk and "with --small)" in result.talk
    assert "--small" not in good("export", "jpeg-ac-luminance", "-o", tmp_path / "j.h").talk
    assert "a name in C" in refused("export", table, "--name", "")
    assert "wind_encode(" in good("export", table, "--name", "wind", "--small").text
    assert "a name in C" in refused("export", table, "--name", "a b")


def test_what_is_no_table_of_numbers_is_refused(tmp_path):
    assert "the labels are of kind str" in refused("export", "letters")
    assert "invalid choice" in misused("export", "nasa", "--lang", "rust")
    assert "no such distribution" in refused("export", tmp_path / "none.json")
