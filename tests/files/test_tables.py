"""Saved tables: what is saved is what is loaded, and what a person got wrong is said by name."""

import itertools
import json
import math
import os
import re
import struct

import numpy as np
import pytest
import strategies
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

import codec
from codec.codes.prefix import PrefixCode, huffman
from codec.errors import CodecError, TableError
from codec.files.output import ExistsError
from codec.files.tables import dumps, load, save
from codec.theory.distribution import Distribution
from codec.theory.labels import Labels, labels_of
from codec.theory.sources import built_in

NASA = built_in("nasa")
in_one_folder = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


def same_labels(a, b):
    return (a.kind, a.step, a.values.tolist()) == (b.kind, b.step, b.values.tolist())


def joined_surrogates(alphabet):
    """JSON has no way to write two surrogates that are not one character."""
    return alphabet.kind == "str" and any(
        "\ud800" <= a <= "\udbff" and "\udc00" <= b <= "\udfff"
        for value in alphabet.values
        for a, b in itertools.pairwise(value)
    )


@in_one_folder
@given(p=strategies.distributions())
def test_a_distribution_comes_back(tmp_path, p):
    assume(not joined_surrogates(p.labels))
    save(p, tmp_path / "p.json")
    q = load(tmp_path / "p.json")
    assert isinstance(q, Distribution)
    assert same_labels(p.labels, q.labels)
    assert q.weights.tolist() == p.weights.tolist()
    assert dumps(q) == dumps(p)


@in_one_folder
@given(code=strategies.codes(), weights=st.booleans())
def test_a_code_comes_back(tmp_path, code, weights):
    assume(not joined_surrogates(code.alphabet))
    if weights:
        code = PrefixCode(code.alphabet, code.lengths, code.implied().weights)
    save(code, tmp_path / "code.json")
    again = load(tmp_path / "code.json")
    assert isinstance(again, PrefixCode)
    assert same_labels(code.alphabet, again.alphabet)
    assert again.lengths.tolist() == code.lengths.tolist()
    assert again.fingerprint == code.fingerprint
    assert (again.weights is None) == (not weights)
    assert not weights or again.weights.tolist() == code.weights.tolist()


def test_labels_of_every_kind_come_back_to_the_bit(tmp_path):
    for labels in (
        labels_of([-(2**63), 0, 2**63 - 1]),
        labels_of([0, 2**64 - 1]),
        labels_of([0.1, -0.0, 0.0, 5e-324, 1.7976931348623157e308, math.inf, -math.inf, math.nan]),
        Labels("float", np.array([0x7FF0000000000001, 0xFFF8000000000002], np.uint64)),
        labels_of(["", "\x00", "\n", '"', "é", "\U0001f600", "\udcff", "\ud800"]),
        labels_of([b"", b"\x00", b"\xff"]),
        labels_of([1.0, 2.0]),
        labels_of(["1", "2"]),
        Labels("int", np.array([-53, 210]), "0.1"),
        Labels("int", np.array([3, -1]), "0.10"),
    ):
        p = Distribution(labels, range(1, len(labels) + 1))
        for thing in p, huffman(p):
            save(thing, tmp_path / "x.json")
            again = load(tmp_path / "x.json")
            assert same_labels(getattr(again, "labels", getattr(again, "alphabet", None)), labels), labels
        assert again.fingerprint == huffman(p).fingerprint


@pytest.mark.slow
def test_huge_and_many_weights_come_back(tmp_path):
    for weights in ([10**400, 1], [2**63, 2**63]):
        save(Distribution("ab", weights), tmp_path / "p.json")
        assert load(tmp_path / "p.json").weights.tolist() == weights
    many = Distribution(range(65_537), np.full(65_537, 0.1))
    save(many, tmp_path / "p.json")
    again = load(tmp_path / "p.json")
    assert np.allclose(again.probabilities, many.probabilities, rtol=1e-12, atol=0)


def test_the_saved_text_is_what_the_module_says():
    assert dumps(NASA) == (
        '{\n  "kind": "distribution",\n  "labels": [100, 105, 110, 145, 160, 162, 174, 180],\n'
        '  "weights": [30, 40, 5, 6, 7, 2, 5, 5]\n}\n'
    )
    fields = json.loads(dumps(huffman(NASA)))
    assert fields == {
        "kind": "code",
        "labels": [100, 105, 110, 145, 160, 162, 174, 180],
        "lengths": [2, 1, 5, 4, 4, 5, 5, 5],
        "fingerprint": "4cd0202288b46bc9",
        "weights": [30, 40, 5, 6, 7, 2, 5, 5],
    }
    assert dumps(Distribution([b"\xff"], [1])).isascii()
    assert dumps(Distribution(["é\udcff"], [1])).isascii()


def write(path, text):
    path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
    return path


def test_what_a_person_writes_is_read_as_they_meant_it(tmp_path):
    path = write(tmp_path / "p.json", '{"kind": "distribution", "labels": ["on", "off"], "weights": [0.30, 0.7]}')
    assert load(path).weights.tolist() == [3, 7]
    # More digits than a float has are kept.
    path = write(path, '{"kind": "distribution", "labels": [1, 2], "weights": [0.30000000000000000001, 0.1]}')
    assert load(path).weights.tolist() == [30000000000000000001, 10000000000000000000]
    path = write(path, '{"kind": "distribution", "labels": [21.5, 22], "weights": [1e2, 1E1]}')
    assert (list(load(path).labels), load(path).weights.tolist()) == ([21.5, 22.0], [100, 10])
    path = write(path, '{"kind": "code", "labels": ["a", "b", "c"], "lengths": [1, 2, 0]}')
    code = load(path)
    assert (code.lengths.tolist(), code.weights) == ([1, 2, 0], None)
    path = write(path, '{"kind": "distribution", "labels": [NaN, -0.0], "weights": [1, 2]}')
    assert load(path).labels.values.tolist() == [0x7FF8 << 48, 1 << 63]


def distribution(labels="[1, 2]", weights="[1, 2]", more=""):
    return f'{{"kind": "distribution", "labels": {labels}, "weights": {weights}{more}}}'


def table(labels='["a", "b"]', lengths="[1, 1]", more=""):
    return f'{{"kind": "code", "labels": {labels}, "lengths": {lengths}{more}}}'


POSITIVE = '"step" is a positive decimal'
BROKEN = [
    ("", "is not JSON"), (b"\xff\xfe", "is not JSON"), ("{", "is not JSON"), ("[" * 100_000, "nested too deeply"),
    ("[" + "1" * 5000 + "]", "is not JSON: .*digits"),
    (distribution(weights="[1e99999999999999999999, 1]"), "is not JSON"),
    *((text, '"kind"') for text in ("[]", "5", '{"kind": "banana"}', '{"kind": ["code"]}')),
    ('{"kind": "distribution", "labels": [1]}', 'a distribution has a list "weights"'),
    ('{"kind": "code", "labels": [1]}', 'a code has a list "lengths"'),
    ('{"kind": "code", "lengths": [1]}', 'a code has a list "labels"'),
    ('{"kind": "code", "labels": "ab", "lengths": [1, 1]}', 'a code has a list "labels"'),
    *((distribution(weights=weights), message) for weights, message in {
        "[1, -2]": "label 2 is -2", "[1, NaN]": "label 2 is NaN", "[1, -Infinity]": "label 2 is -Infinity",
        "[1, 1e400]": r"label 2 is 1E\+400", "[1, 1e-99999999]": "label 2 is 1E-99999999: that is too small",
        "[1, null]": "label 2 is None: not a number", '[1, "1"]': "label 2 is '1': not a number",
        "[0, 0.0]": "all weights are zero", "[1]": "2 labels and 1 weight:"}.items()),
    (distribution("[]", "[]"), "at least one label"),
    *((distribution(labels), message) for labels, message in {
        "[1, 1]": "label 1 stands twice", "[1, 1.0]": "label 1.0 stands twice", '[1, "a"]': "of several: int, str",
        "[1, null]": "not null", "[1, true]": "not true", "[1, [2]]": r"not \[2\]",
        "[1, 18446744073709551616]": "18446744073709551616", f"[1.5, 1{'0' * 400}]": "stands beside floats"}.items()),
    *((distribution(labels, more=f', "label_kind": "{kind}"'), message) for kind, labels, message in (
        ("str", "[1, 2]", '"label_kind" is "str", and the labels are of kind int'),
        ("int", "[1.5, 2]", '"label_kind" is "int"'), ("banana", "[1, 2]", '"label_kind" is "banana"'),
        ("bytes", "[1, 2]", "str, not int"), ("bytes", '["0g", "00"]', "non-hexadecimal"),
        ("float", "[1, null]", "not null"), ("float", f"[1, 1{'0' * 400}]", "too large to convert to float"),
        ("float", '[1, "fffffffffffffffff"]', "bit pattern of 16"), ("float", '[1, "-1"]', "bit pattern of 16"))),
    *((distribution(more=f', "step": {step}'), POSITIVE)
      for step in ("0.1", '"0"', '"-0.1"', '"1e3"', '"1e-999999999"', '"NaN"', '"banana"')),
    (distribution('["a", "b"]', more=', "step": "0.1"'), POSITIVE),
    *((table(lengths=lengths), message) for lengths, message in {
        "[1, 0.5]": '"lengths" are ints', "[1, true]": '"lengths" are ints', '[1, "1"]': '"lengths" are ints',
        f"[1, 1{'0' * 30}]": '"lengths" are absurd', "[1, -1]": "code length of label 'b' is -1",
        "[0, 0]": "all code lengths are 0", "[1]": "one for each label"}.items()),
    (table('["a", "b", "c"]', "[1, 1, 1]"), "over-full: their Kraft sum is 3/2"),
    (table('["a", "a"]'), "label 'a' stands twice"),
    *((table(more=f', "{field}": {value}'), message) for field, value, message in (
        ("fingerprint", '"0000000000000000"', "fingerprint should be .*it has been changed"),
        ("fingerprint", "5", "fingerprint should be"), ("weights", "[1]", "2 labels and 1 weight:"),
        ("weights", "[1, -1]", "label 'b' is -1"), ("weights", "5", "x.json"))),
]  # fmt: skip


def test_what_is_wrong_with_a_table_is_said_with_the_name_of_its_file(tmp_path):
    for text, message in BROKEN:
        path = write(tmp_path / "x.json", text)
        with pytest.raises(TableError) as caught:
            load(path)
        assert re.search(message, str(caught.value)) and str(caught.value).startswith(str(path)), text[:99]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.sampled_from(["ff", "0.1"]),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=4,
)


@in_one_folder
@given(
    st.fixed_dictionaries(
        {"kind": st.sampled_from(["distribution", "code"]), "labels": st.lists(json_values, max_size=3)},
        optional={
            "weights": st.lists(json_values, max_size=3) | json_values,
            "lengths": st.lists(json_values, max_size=3) | json_values,
            "label_kind": st.sampled_from(["int", "float", "str", "bytes"]) | json_values,
            "step": json_values,
            "fingerprint": json_values,
        },
    )
)
def test_any_json_is_a_table_or_refused_by_name(tmp_path_factory, fields):
    path = write(tmp_path_factory.getbasetemp() / "any.json", json.dumps(fields))
    try:
        thing = load(path)
    except TableError as error:
        assert str(error).startswith(str(path))
        return
    assert len(thing) == len(fields["labels"])
    code = thing if isinstance(thing, PrefixCode) else huffman(thing)
    assert len(code.fingerprint) == 16


def test_a_file_that_is_not_there_is_the_systems_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        load(tmp_path / "none.json")


@pytest.mark.parametrize("field", ["labels", "lengths"])
def test_a_code_that_was_changed_by_hand_is_refused_by_its_fingerprint(tmp_path, field):
    save(huffman(NASA), tmp_path / "code.json")
    fields = json.loads((tmp_path / "code.json").read_text())
    fields[field][0], fields[field][2] = fields[field][2], fields[field][0]
    write(tmp_path / "code.json", json.dumps(fields))
    with pytest.raises(TableError, match=r"4cd0202288b46bc9.*it has been changed"):
        load(tmp_path / "code.json")
    del fields["fingerprint"]  # meant
    assert len(load(write(tmp_path / "code.json", json.dumps(fields)))) == 8


def test_a_saved_table_reads_the_files_that_were_written_with_it(tmp_path):
    codec.save(huffman(NASA), tmp_path / "code.json")
    codec.save(NASA, tmp_path / "p.json")
    readings = NASA.sample(500, seed=1)
    data = codec.encode(readings, NASA, embed_table=False)
    for name in "code.json", "p.json":
        assert np.array_equal(codec.decode(data, codec.load(tmp_path / name)), readings)


def test_a_save_that_fails_leaves_the_old_file_whole(tmp_path, monkeypatch):
    path = tmp_path / "p.json"
    save(NASA, path)
    before = path.read_bytes()
    for name in "p.json", "new.json":
        with pytest.raises(ValueError, match="blocks of labels cannot be saved"):
            save(NASA.extension(2), tmp_path / name)
    assert path.read_bytes() == before

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="No space left"):
        save(built_in("peaked"), path)
    assert path.read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["p.json"]


def test_a_file_is_replaced_unless_it_is_to_be_kept(tmp_path):
    path = tmp_path / "p.json"
    save(NASA, path)
    with pytest.raises(ExistsError, match=r"p\.json exists already"):
        save(built_in("peaked"), path, force=False)
    assert load(path).weights.tolist() == NASA.weights.tolist()
    save(built_in("peaked"), path)
    assert load(path).weights.tolist() == built_in("peaked").weights.tolist()
    assert issubclass(TableError, CodecError)


def test_floats_beside_their_bit_patterns_are_the_same_labels(tmp_path):
    hexadecimal = struct.pack(">d", 0.5).hex()
    text = distribution(f'["{hexadecimal}", 1.5]', more=', "label_kind": "float"')
    assert list(load(write(tmp_path / "p.json", text)).labels) == [0.5, 1.5]
