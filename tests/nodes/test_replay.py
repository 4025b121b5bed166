"""A replay is held out: a period is packed with a table that was learned before it, and costs what packing costs."""

from dataclasses import replace

import numpy as np
import pytest
from command_line import fields, good, misused, refused

from codec.codes.prefix import huffman
from codec.coding.learn import distribution_of
from codec.errors import CodecError
from codec.measure.retrain import retrained
from codec.nodes.layout import NodeTable, PacketLayout
from codec.nodes.packet import pack
from codec.nodes.replay import POLICIES, replay
from codec.theory.distribution import Distribution


def months(seed=1, moved=0):
    """Five months of one node, which move by so much from the third on."""
    chance = np.random.default_rng(seed)
    return [(f"2021-0{i}", chance.geometric(0.4, 600) + (moved if i >= 3 else 0)) for i in range(1, 6)]


OLD = huffman(Distribution.from_stream(months(7)[0][1]), None, 1)


def cost(units, table, size):
    return sum(len(pack(units[i : i + size], table)) for i in range(0, len(units), size))


def test_keep_costs_what_packing_costs_and_sends_nothing():
    for layout in (PacketLayout(), PacketLayout("differences", 12)):
        table = NodeTable(OLD, layout)
        found = replay({"a": months()}, table, 24, "keep", 150)
        assert found.periods == tuple((name, cost(units, table, 24)) for name, units in months())
        assert found.readings_bytes == sum(size for _, size in found.periods) and not found.table_bytes


def test_always_learns_each_table_from_the_period_before_alone():
    code, expected, tables = OLD, [], 0
    for number, (name, units) in enumerate(months(1, 40)):
        if number:
            code = retrained(Distribution.from_stream(months(1, 40)[number - 1][1]), code)
            tables += len(code.serialized)
        expected.append((name, cost(units, NodeTable(code), 24)))
    found = replay({"a": months(1, 40)}, NodeTable(OLD), 24, "always", 150)
    assert found.periods == tuple(expected) and found.table_bytes == tables
    assert found.bytes_per_day == (found.readings_bytes + tables) / 150


def test_periods_too_short_for_an_audit_are_learned_from_together():
    units, days = months()[0][1], [f"2021-01-{day:02}" for day in range(1, 31)]
    parts = [*zip(days, np.split(units, 30), strict=True)]
    code, expected = OLD, []
    for number in range(1, 30):
        fresh = retrained(Distribution.from_stream(units[max(0, 20 * number - 300) : 20 * number]), code)
        if fresh != code:
            code = fresh
            expected.append((days[number], NodeTable(code).fingerprint))
    found = replay({"a": parts}, NodeTable(OLD), 20, "always", 30)
    assert [(each.period, each.fingerprint) for each in found.sent] == expected and len(expected) > 10


def test_verdict_sends_a_table_once_the_readings_have_moved_and_not_before():
    steady = replay({"a": months(1)}, NodeTable(OLD), 24, "verdict", 150)
    assert steady.sent == ()
    moved = replay({"a": months(1, 5)}, NodeTable(OLD), 24, "verdict", 150)
    assert moved.sent[0].period == "2021-04"
    kept = replay({"a": months(1, 5)}, NodeTable(OLD), 24, "keep", 150)
    assert moved.readings_bytes + moved.table_bytes < kept.readings_bytes
    assert moved.periods[:3] == kept.periods[:3]


def test_a_verdict_counts_raw_readings_as_packets_have_them_and_a_table_for_each_node():
    rare = [(name, np.where(np.arange(600) % 20 == 7, 90 + np.arange(600) % 11, units)) for name, units in months()]
    sent = [len(replay({"a": rare}, NodeTable(OLD, PacketLayout(raw_bits=bits)), 24, "verdict", 150).sent)
            for bits in (8, 32)]  # fmt: skip
    assert sent == [0, 1]
    moved = months(1, 5)
    shared = {str(node): [(name, units[node::60]) for name, units in moved] for node in range(60)}
    assert len(replay({"a": moved}, NodeTable(OLD), 24, "verdict", 150).sent) == 1
    assert not replay(shared, NodeTable(OLD), 24, "verdict", 150).sent


def test_a_verdict_is_that_of_an_audit_where_the_prices_are():
    from codec.measure.audit import audit

    for moved in (0, 1, 5):
        units = months(1, moved)[4][1]
        report = audit(units, OLD)
        found = replay({"a": [("1", units), ("2", units)]}, NodeTable(OLD, PacketLayout(raw_bits=32)), 24, "verdict", 9)
        assert bool(found.sent) == (report.verdict == "retrain")


@pytest.mark.parametrize("policy", POLICIES)
def test_what_comes_later_changes_nothing_before(policy):
    now = replay({"a": months(1, 5)}, NodeTable(OLD), 24, policy, 150)
    other = [*months(1, 5)[:4], ("2021-05", np.array([1, 2, 3] * 200))]
    then = replay({"a": other}, NodeTable(OLD), 24, policy, 150)
    assert now.periods[:4] == then.periods[:4] and now.sent == then.sent


def test_a_table_that_says_what_it_is_of_costs_what_one_that_does_not_say_costs():
    walk = [(name, np.cumsum(units - 2)) for name, units in months(1, 5)]
    code = huffman(distribution_of(walk[0][1], "differences"), None, 1)
    silent = replace(code, alphabet=code.alphabet.marked(None))
    for policy in POLICIES:
        one, other = (
            replay({"a": walk}, NodeTable(each, PacketLayout("differences", 20)), 24, policy, 150)
            for each in (code, silent)
        )
        assert one.periods == other.periods
        assert one.sent == other.sent


def test_several_nodes_share_a_table_and_each_is_sent_it():
    one, both = ({name: months() for name in names} for names in ("a", "ab"))
    alone, together = (replay(nodes, NodeTable(OLD), 24, "keep", 150) for nodes in (one, both))
    assert together.readings_bytes == 2 * alone.readings_bytes
    sent = replay(both, NodeTable(OLD), 24, "always", 150).sent
    fresh = retrained(Distribution.from_stream(np.concatenate([months()[0][1]] * 2)), OLD)
    assert sent[0].bytes == 2 * len(fresh.serialized) and sent[0].fingerprint == NodeTable(fresh).fingerprint


def test_what_cannot_be_packed_names_the_policy_and_the_period():
    plain = NodeTable(huffman(Distribution(range(1, 30), [1] * 29)))
    with pytest.raises(CodecError, match=r"keep, 2021-03, position 0: .* cannot be packed"):
        replay({"a": months(1, 400)}, plain, 24, "keep", 150)
    with pytest.raises(CodecError, match="keep, 2021-03, node b, position 0"):
        replay({"a": months(), "b": months(1, 400)}, plain, 24, "keep", 150)
    with pytest.raises(ValueError, match="a policy is one of keep, verdict, always"):
        replay({}, plain, 24, "never", 1)


@pytest.fixture
def rows(tmp_path):
    """Two nodes whose rows alternate, two readings a day each."""
    path, chance = tmp_path / "n.csv", np.random.default_rng(2)
    text = [f"2021-{m:02}-{d:02}T{h:02},{n},{chance.integers(9)}.5\n"
            for m in (1, 2, 3) for d in range(1, 29) for h in (0, 12) for n in "xy"]  # fmt: skip
    path.write_text("time,node,t\n" + "".join(text))
    good("table", path, "--column", "t", "--escape", "--layout", "usual", "-o", tmp_path / "t.json")
    return path, tmp_path / "t.json"


def test_the_verb_counts_days_and_nodes(rows):
    path, table = rows
    said = ["replay", path, "--column", "t", "--time", "time", "--code", table, "--packets", 8]
    both = fields(*said, "--by", "node", "--json")
    assert both["nodes"] == 2 and [each["days"] for each in both["policies"]] == [84, 84, 84]
    keep = both["policies"][0]
    assert [name for name, _ in keep["periods"]] == ["2021-01", "2021-02", "2021-03"]
    report = fields("encode", path, "--column", "t", "--code", table, "--packets", 8, "--report", "--json")
    assert abs(keep["readings_bytes"] - report["bytes"]) < 0.03 * report["bytes"]
    text = good(*said, "--policy", "always,keep", "--every", "week").text
    assert ("keep wins:" in text and "14 periods, 84 days, 1 node" in text) or "13 periods" in text


def test_what_does_not_go_together_is_refused(rows):
    path, table = rows
    said = ["replay", path, "--time", "time", "--code", table]
    assert "--column" in misused(*said)
    assert "--policy is some of keep,verdict,always" in misused(*said, "--column", "t", "--policy", "keep,never")
    assert "no column 'nope'" in refused(*said, "--column", "t", "--by", "nope")
    assert "n.csv, column node: row 1: 'x' is no time" in refused(
        "replay", path, "--time", "node", "--code", table, "--column", "t")  # fmt: skip
    assert "n.csv, column t, node x: position 0" in refused(
        "replay", path, "--time", "t", "--code", table, "--column", "t", "--by", "node")  # fmt: skip
