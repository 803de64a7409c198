import hashlib
import os
import stat

import numpy as np
import pytest

from icaedit import files
from icaedit.errors import FileAccessError, InputError
from icaedit.files import (
    atomic_path,
    atomic_write,
    ensure_writable_folder,
    read_bytes,
    sha256_arrays,
    sha256_file,
    sha256_text,
)


def refuse(*_args, **_kwargs):
    raise PermissionError(13, "Permission denied")


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_atomic_write_replaces_the_file_and_leaves_nothing_else(tmp_path):
    target = tmp_path / "a.bin"
    atomic_write(target, b"old")
    atomic_write(target, b"new")
    assert target.read_bytes() == b"new"
    assert names(tmp_path) == ["a.bin"]


def test_the_target_appears_only_when_the_block_ends(tmp_path):
    target = tmp_path / "a.txt"
    with atomic_path(target) as temporary:
        temporary.write_text("half")
        assert not target.exists()
        assert temporary.parent == tmp_path and temporary.suffix == ".txt"
    assert target.read_text() == "half"


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_an_interrupted_block_leaves_the_old_file_and_no_other(tmp_path, error):
    target = tmp_path / "a.txt"
    target.write_text("old")
    with pytest.raises(error), atomic_path(target) as temporary:
        temporary.write_text("half")
        raise error
    assert target.read_text() == "old"
    assert names(tmp_path) == ["a.txt"]


def test_a_failing_rename_is_reported_and_cleaned_up(tmp_path, monkeypatch):
    monkeypatch.setattr(files.os, "replace", refuse)
    with pytest.raises(FileAccessError, match=r"Permission denied when writing .*a\.txt"):
        atomic_write(tmp_path / "a.txt", b"x")
    assert names(tmp_path) == []


def test_a_full_disk_while_writing_is_reported_for_the_target(tmp_path):
    with (
        pytest.raises(FileAccessError, match=r"No space left on device when writing .*a\.txt"),
        atomic_path(tmp_path / "a.txt"),
    ):
        raise OSError(28, "No space left on device")


def test_an_error_about_another_file_passes_through(tmp_path):
    with pytest.raises(FileNotFoundError), atomic_path(tmp_path / "a.txt"):
        (tmp_path / "missing").read_bytes()


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(FileAccessError, match=r"nowhere.a\.txt, expected an existing folder"):
        atomic_write(tmp_path / "nowhere" / "a.txt", b"x")


def test_a_file_in_place_of_the_folder_is_reported(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(FileAccessError, match="Not a directory"):
        atomic_write(tmp_path / "file" / "a.txt", b"x")


def test_a_folder_is_never_replaced_by_a_file(tmp_path):
    (tmp_path / "out").mkdir()
    with pytest.raises(FileAccessError, match=r"^got \S*out, which is no regular file"):
        atomic_write(tmp_path / "out", b"x")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs a special file")
def test_a_special_file_is_never_replaced(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(FileAccessError, match="no regular file"):
        atomic_write(tmp_path / "pipe", b"x")
    assert stat.S_ISFIFO(os.stat(tmp_path / "pipe").st_mode)


def test_a_link_is_written_through(tmp_path):
    (tmp_path / "real.txt").write_text("old")
    (tmp_path / "link.txt").symlink_to(tmp_path / "real.txt")
    atomic_write(tmp_path / "link.txt", b"new")
    assert (tmp_path / "link.txt").is_symlink()
    assert (tmp_path / "real.txt").read_text() == "new"


def test_a_new_file_has_the_permissions_of_any_new_file(tmp_path):
    atomic_write(tmp_path / "a", b"")
    (tmp_path / "b").write_bytes(b"")
    assert (tmp_path / "a").stat().st_mode == (tmp_path / "b").stat().st_mode


def test_ensure_writable_folder_makes_parents_and_leaves_no_trace(tmp_path):
    folder = ensure_writable_folder(tmp_path / "a" / "b")
    assert folder == tmp_path / "a" / "b"
    assert names(folder) == []


def test_a_folder_that_cannot_be_written_is_reported(tmp_path, monkeypatch):
    monkeypatch.setattr(files.os, "open", refuse)
    with pytest.raises(FileAccessError, match="Permission denied.*choose another place"):
        ensure_writable_folder(tmp_path)


def test_a_folder_below_a_file_is_reported(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(FileAccessError, match="Not a directory"):
        ensure_writable_folder(tmp_path / "file" / "folder")


def test_reading_gives_the_content(tmp_path):
    (tmp_path / "a").write_bytes(b"abc")
    assert read_bytes(tmp_path / "a") == b"abc"


@pytest.mark.parametrize("read", [read_bytes, sha256_file])
def test_a_missing_file_is_named(tmp_path, read):
    with pytest.raises(FileAccessError, match=r"No such file or directory when reading .*gone"):
        read(tmp_path / "gone")


@pytest.mark.parametrize("read", [read_bytes, sha256_file])
def test_a_folder_is_no_readable_file(tmp_path, read):
    with pytest.raises(FileAccessError, match="when reading"):
        read(tmp_path)


def test_file_digest_agrees_with_hashlib_beyond_one_chunk(tmp_path):
    content = bytes(range(256)) * 5000  # 1.28 MB
    (tmp_path / "a").write_bytes(content)
    assert sha256_file(tmp_path / "a") == hashlib.sha256(content).hexdigest()


def test_text_digest_is_that_of_utf8():
    assert sha256_text("é") == hashlib.sha256(b"\xc3\xa9").hexdigest()


def test_array_digest_ignores_order_and_layout():
    a = np.arange(6.0).reshape(2, 3)
    b = np.ones(2, bool)
    one = sha256_arrays({"a": a, "b": b})
    assert one == sha256_arrays({"b": b, "a": np.asfortranarray(a)})
    assert one == sha256_arrays({"a": a.astype(">f8"), "b": b})


@pytest.mark.parametrize(
    "other",
    [
        {"a": np.arange(6.0).reshape(3, 2)},
        {"a": np.arange(6).reshape(2, 3)},
        {"b": np.arange(6.0).reshape(2, 3)},
        {"a": -np.arange(6.0).reshape(2, 3)},
    ],
    ids=["shape", "dtype", "name", "values"],
)
def test_array_digest_depends_on_shape_dtype_name_and_values(other):
    assert sha256_arrays(other) != sha256_arrays({"a": np.arange(6.0).reshape(2, 3)})


def test_array_digest_refuses_what_has_no_bytes():
    with pytest.raises(InputError, match="numeric"):
        sha256_arrays({"a": np.array([object()])})
