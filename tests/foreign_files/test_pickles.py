"""The machine that reads pickles: what it builds, and where it stops."""

import pickle
from collections import OrderedDict

import pytest

from icaedit.errors import FormatError
from icaedit.foreign_files.pickles import Call, Name, Stored, read_pickle, shown

VALUES = {
    "numbers": [0, 1, 255, 256, 65536, -1, -(2**31), 2**40, -(2**70), 1.5, -0.0],
    "texts": ["", "a", "\u00e9\u4e16", "x" * 300],
    "bytes": [b"", b"a", b"x" * 300],
    "rest": [None, True, False, (), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4), [], {}, [[]], {3: {}}],
}


@pytest.mark.parametrize("protocol", [3, 4, 5])
def test_plain_values_come_back(protocol):
    assert read_pickle(pickle.dumps(VALUES, protocol), allowed=(), where="x").value == VALUES


def test_ordered_dicts_are_dicts_and_sets_are_lists():
    data = pickle.dumps({"o": OrderedDict(b=1, a=2), "s": {3}}, 4)
    value = read_pickle(data, allowed=["collections.OrderedDict"], where="x").value
    assert value == {"o": {"b": 1, "a": 2}, "s": [3]}
    assert list(value["o"]) == ["b", "a"]


def test_shared_objects_stay_shared_and_a_list_may_hold_itself():
    shared: list = []
    shared.append(shared)
    first, second = read_pickle(pickle.dumps([shared, shared], 2), allowed=(), where="x").value
    assert first is second and first[0] is first


def test_a_call_is_noted_and_not_made():
    data = b"\x80\x02cos\nsystem\nX\x04\x00\x00\x00true\x85R}X\x01\x00\x00\x00aK\x01sb."
    found = read_pickle(data, allowed=["os.system"], where="x")
    assert (found.value.path, found.value.arguments, found.value.state) == (
        "os.system", ("true",), {"a": 1},
    )  # fmt: skip
    assert found.calls == [found.value] and isinstance(found.value, Call)


def test_a_global_is_a_name_and_an_identifier_is_kept():
    found = read_pickle(b"\x80\x02cos\nsystem\nK\x07Q\x86.", allowed=["os.system"], where="x")
    assert found.value[0] == Name("os.system")
    assert isinstance(found.value[1], Stored) and found.value[1].identifier == 7
    assert found.stored == [found.value[1]]


def test_a_pickle_ends_where_its_stop_is_and_the_next_is_read_from_there():
    data = pickle.dumps("a", 2) + pickle.dumps("b", 2)
    first = read_pickle(data, allowed=(), where="x")
    second = read_pickle(data, first.end, allowed=(), where="x")
    assert (first.value, second.value, second.end) == ("a", "b", len(data))


@pytest.mark.parametrize("cut", range(0, 40))
def test_a_pickle_that_is_cut_short_is_refused(cut):
    data = pickle.dumps({"a": [1, 2.5, "x" * 20]}, 2)
    with pytest.raises(FormatError, match="got file with"):
        read_pickle(data[: min(cut, len(data) - 1)], allowed=(), where="file")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"\x80\x02cos\nsystem\n.", "the global 'os.system'"),
        (b"\x80\x04\x8c\x02os\x8c\x06system\x93.", "the global 'os.system'"),
        (b"\x80\x02cos\n" + b"x" * 300, "a name without end"),
        (b"\x80\x02K\x01)R.", "a call of int"),
        (b"\x80\x02ccollections\nOrderedDict\nK\x01R.", "a call of Name"),
        (b"\x80\x02]}b.", "a state for list"),
        (b"\x80\x02})K\x01s.", "a key of type tuple"),
        (b"\x80\x02}G\x00\x00\x00\x00\x00\x00\x00\x00K\x01s.", "a key of type float"),
        (b"\x80\x02}\x8a\x05\x00\x00\x00\x00\x01K\x01s.", "a key of type int"),
        (b"\x80\x02(cos\nsystem\no.", "the global"),
        (b"\x80\x02\x82\x01.", "opcode 0x82"),
        (b"\x80\x06N.", "no pickle of protocol 2 to 5"),
        (b"(dp0\n.", "no pickle of protocol 2 to 5"),
        (b"\x80\x02K\x01K\x02s.", "list|stack|index|dict"),
        (b"\x80\x02.", "empty list"),
        (b"\x80\x02Nh\x05.", "damaged or foreign"),
        (b"\x80\x02X\x02\x00\x00\x00\xff\xff.", "damaged or foreign"),
    ],
)
def test_what_is_refused_is_named(data, words):
    with pytest.raises(FormatError, match=words):
        read_pickle(data, allowed=["collections.OrderedDict"], where="file")


def test_advice_belongs_to_the_start_of_a_path():
    with pytest.raises(FormatError, match="take the other file"):
        read_pickle(
            b"\x80\x02ca.b\nc\n.", allowed=(), where="x", advice={"a.": "take the other file"}
        )


def test_a_pickle_of_too_many_steps_is_refused():
    with pytest.raises(FormatError, match="more than 1000000 steps"):
        read_pickle(b"\x80\x02" + b"N0" * 500_001 + b"N.", allowed=(), where="x")


def test_what_is_shown_of_a_file_is_short_and_plain():
    nested: list = []
    for _ in range(100):
        nested = [nested, nested]
    assert shown(nested) == "a list"
    assert shown((nested,)) == "a tuple"
    assert shown("\x1b[31m\n") == r"'\x1b[31m\n'"
    assert len(shown("x" * 10**6)) == 100
