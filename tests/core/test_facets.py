"""Sets of positions, and how many results each value of a filter would give."""

from portal.core.facets import Collected, Selection, bits_of, positions_of


def test_sets_of_positions():
    for positions in ([], [0], [7, 8], [0, 3, 99_999]):
        assert positions_of(bits_of(positions, 100_000)) == positions
    assert bits_of([2, 2], 8).bit_count() == 1


def test_counts():
    collected = Collected()
    for name, value, position in [
        ("town", "a", 0), ("town", "a", 1), ("town", "b", 2), ("town", "", 3),
        ("access", "ramp", 0), ("access", "ramp", 2), ("access", "loop", 0), ("access", "loop", 3),
    ]:  # fmt: skip
        collected.add(name, value, position)
    selection = Selection((1 << 4) - 1, collected.finished(4), joint=frozenset({"access"}))
    assert selection.counts("town") == {"a": 2, "b": 1}
    selection.choose("access", ["ramp"])
    assert positions_of(selection.found()) == [0, 2]
    # What another value of the same filter would give: beside the one chosen where both must be there, else instead.
    assert selection.counts("access") == {"ramp": 2, "loop": 1}
    selection.choose("town", ["a", "b"])
    assert selection.counts("town") == {"a": 1, "b": 1}
    selection.narrow("words", bits_of([2, 3], 4))
    assert positions_of(selection.found()) == [2]
    assert selection.counts("town") == {"a": 0, "b": 1}
    selection.choose("town", ["nowhere"])
    assert selection.found() == 0
