"""Files of torch: what is checked before anything is loaded."""

import argparse
import io
import struct
import zipfile
from fractions import Fraction

import pytest
import torch

from icaedit.errors import FormatError
from icaedit.foreign_files.torch_files import Record, fits, read_torch

CONTAINERS = {"zip": True, "legacy": False}


@pytest.fixture(params=CONTAINERS)
def saved(request):
    """Return a tree as the bytes of a file."""

    def saved(tree):
        buffer = io.BytesIO()
        torch.save(tree, buffer, _use_new_zipfile_serialization=CONTAINERS[request.param])
        return buffer.getvalue()

    return saved


def test_tensors_and_plain_values_come_back(saved):
    base = torch.arange(12.0).reshape(3, 4)
    tree = {"t": base, "turned": base.T, "part": base[1:, 2], "scalar": torch.tensor(3.0),
            "none": torch.zeros(0, 3), "half": base.half(), "n": [1, 2.5, "x", None]}  # fmt: skip
    found = read_torch(saved(tree), where="x")
    assert list(found) == list(tree) and found["n"] == tree["n"]
    for name in ("t", "turned", "part", "scalar", "none", "half"):
        assert found[name].dtype == tree[name].dtype
        assert torch.equal(found[name], tree[name])


def test_a_namespace_becomes_a_plain_record(saved):
    found = read_torch(saved({"args": argparse.Namespace(size=8, path="x")}), where="x")
    assert type(found["args"]) is Record
    assert vars(found["args"]) == {"size": 8, "path": "x"}


@pytest.mark.parametrize(
    ("offset", "size", "stride", "expected"),
    [
        (0, (3, 4), (4, 1), True),
        (0, (4, 3), (1, 4), True),
        (0, (3, 4), (4, 2), False),  # the last number would be the 15th
        (1, (3, 4), (4, 1), False),
        (0, (12,), (1,), True),
        (0, (13,), (1,), False),
        (11, (1,), (1,), True),
        (12, (1,), (1,), False),
        (12, (0, 5), (5, 1), True),
        (0, (), (), True),
        (12, (), (), False),
        (0, (13,), (0,), False),  # one number shown 13 times
        (0, (6, 3), (1, 1), False),
        (-1, (2,), (1,), False),
        (0, (-2,), (1,), False),
        (0, (2,), (-1,), False),
        (0, (2, 2), (1,), False),
        (0, (True,), (1,), False),
        (0, (1.0,), (1,), False),
        (0, (1,) * 9, (1,) * 9, False),
    ],
)
def test_a_view_fits_if_it_stays_within_twelve_numbers_and_repeats_none(
    offset, size, stride, expected
):
    assert fits(offset, size, stride, 12) is expected


def test_an_expanded_tensor_is_refused(saved):
    with pytest.raises(FormatError, match=r"shape \(1000, 1000\) in 1 numbers"):
        read_torch(saved({"a": torch.ones(1).expand(1000, 1000)}), where="x")


def test_an_archive_that_holds_fewer_numbers_than_it_says_is_refused():
    buffer, changed = io.BytesIO(), io.BytesIO()
    torch.save({"a": torch.ones(6)}, buffer)
    with zipfile.ZipFile(buffer) as source, zipfile.ZipFile(changed, "w") as made:
        for name in source.namelist():
            content = source.read(name)
            made.writestr(name, content[:-4] if name.endswith("data/0") else content)
    with pytest.raises(FormatError, match="20 bytes for the numbers '0', expected 24"):
        read_torch(changed.getvalue(), where="x")


def test_an_old_file_whose_count_was_changed_is_refused():
    buffer = io.BytesIO()
    torch.save({"a": torch.ones(6)}, buffer, _use_new_zipfile_serialization=False)
    content = bytearray(buffer.getvalue())
    assert content[-32:-24] == struct.pack("<q", 6)
    content[-32:-24] = struct.pack("<q", 2**40)
    with pytest.raises(FormatError, match="another count than 6"):
        read_torch(bytes(content), where="x")
    with pytest.raises(FormatError, match="expected .* by what it says of itself"):
        read_torch(buffer.getvalue() + b"x", where="x")


def test_a_flipped_bit_in_an_archive_is_found_by_its_checksum():
    buffer = io.BytesIO()
    torch.save({"a": torch.full((100,), 1.5)}, buffer)
    content = bytearray(buffer.getvalue())
    content[content.index(struct.pack("<f", 1.5) * 3)] ^= 1
    with pytest.raises(FormatError, match="CRC"):
        read_torch(bytes(content), where="x")


def test_an_entry_that_says_it_is_a_folder_is_refused():
    buffer = io.BytesIO()
    torch.save({"a": torch.full((100,), 1.5)}, buffer)
    content = bytearray(buffer.getvalue())
    entry = content.rindex(b"PK\x01\x02", 0, content.rindex(b"/data/0"))
    content[entry + 38] |= 0x10  # torch would leave the memory of such an entry as it was
    with pytest.raises(FormatError, match="expected one as torch writes it"):
        read_torch(bytes(content), where="x")


def test_objects_of_a_class_are_refused_by_its_name(saved):
    with pytest.raises(FormatError, match="global 'fractions.Fraction'"):
        read_torch(saved({"a": Fraction(1, 2)}), where="x")


def test_a_file_that_torch_did_not_write_is_refused():
    with pytest.raises(FormatError, match="torch did not write"):
        read_torch(b"x" * 100, where="x")
