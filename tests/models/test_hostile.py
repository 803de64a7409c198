"""Hostile and damaged files: `load_model` refuses each, and does nothing else."""

import codecs
import io
import json
import os
import resource
import sys
import zipfile
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save

from icaedit.errors import FormatError
from icaedit.foreign_files import read_torch, torch_files
from icaedit.models import load_model

FORMATS = ("e4e", "rosinality", "legacy", "nvidia", "icaedit")  # pSp is e4e with another option
WITHOUT_CHECKSUM = ("legacy", "nvidia")  # a flipped bit of a weight is a weight
LEAST = 200
WATCHED = (
    "exec", "compile", "pickle.find_class", "os.system", "os.exec", "os.posix_spawn", "os.fork",
    "os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.chmod", "os.link", "os.symlink",
    "subprocess.Popen", "socket.connect", "socket.bind", "shutil.rmtree", "ctypes.dlopen",
    "webbrowser.open", "import",
)  # fmt: skip


class Watch:
    """Notes what Python itself reports of the interpreter's doings while it is on."""

    def __init__(self) -> None:
        self.on, self.seen = False, []
        sys.addaudithook(self._hook)  # there is no way to take one off again

    def _hook(self, event: str, arguments: tuple) -> None:
        if not self.on:
            return
        wrote = event == "open" and (set(str(arguments[1])) & set("wax+") or _writes(arguments[2]))
        if wrote or event in WATCHED:
            self.seen.append((event, str(arguments)[:80]))


def _writes(flags: object) -> bool:
    return isinstance(flags, int) and bool(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))


@pytest.fixture(scope="module")
def watch():
    return Watch()


@pytest.fixture
def desk(tmp_path, monkeypatch):
    """An empty folder to be in: what a payload touches by a bare name would lie here."""
    folder = tmp_path / "desk"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture(params=FORMATS)
def layout(request):
    return request.param


@pytest.fixture
def good(layout, write):
    """A valid file of the format."""
    if layout == "legacy":
        return write("e4e", legacy=True).read_bytes()
    return write(layout).read_bytes()


def with_pickle(layout: str, good: bytes, change, fabricate) -> bytes:
    """Return a file whose main pickle went through `change`."""
    if layout == "nvidia":
        return change(good)
    if layout == "legacy":
        return fabricate.variants.as_legacy(change(b"\x80\x02}."))
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(good)) as source,
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as made,
    ):
        for name in source.namelist():
            content = source.read(name)
            made.writestr(name, change(content) if name.endswith("data.pkl") else content)
    return buffer.getvalue()


def pickle_variants(layout, good, fabricate, touch):
    """Payloads in place of the model, and beside a model that is whole."""
    variants = fabricate.variants
    harmless = {label for label, _ in variants.bombs()}
    for place, (label, expression) in enumerate(variants.expressions(touch)):
        pickled = variants.wrapped(expression, 4)
        yield label, with_pickle(layout, good, lambda _, new=pickled: new, fabricate)
        if label not in harmless and place % 2:
            aside = expression + b"0."
            made = with_pickle(layout, good, lambda old, new=aside: old[:-1] + new, fabricate)
            yield f"{label}, beside the model", made


def tensor_variants(layout, fabricate, pair):
    """Whole files with one tensor other than it should be."""
    other = fabricate.variants.other_weights
    if layout == "nvidia":
        state = fabricate.foreign_state(pair.generator, fabricate.nvidia_places(pair.generator))
        for label, weights in other(state):
            if all(isinstance(name, str) for name in weights):
                tree = fabricate.nvidia_tree(weights, conv_clamp=None)
                yield label, fabricate.NvidiaPickler().dumps({"G_ema": tree})
        return
    tree = (
        fabricate.rosinality_tree(pair) if layout == "rosinality" else fabricate.encoder_tree(pair)
    )
    key = "g_ema" if layout == "rosinality" else "state_dict"
    for label, weights in other(tree[key]):
        buffer = io.BytesIO()
        torch.save(tree | {key: weights}, buffer, _use_new_zipfile_serialization=layout != "legacy")
        yield label, buffer.getvalue()


def safetensors_variants(path: Path, fabricate):
    """Files of this package with other tensors, other numbers, or another frame."""
    with safe_open(path, framework="pt") as stored:
        tensors = {name: stored.get_tensor(name) for name in stored.keys()}
        header = json.loads(stored.metadata()["icaedit"])

    def written(tensors, header):
        return save(tensors, {"icaedit": header if isinstance(header, str) else json.dumps(header)})

    for label, changed in fabricate.variants.other_weights(tensors):
        plain = isinstance(changed.get(3), type(None))
        if plain and all(isinstance(tensor, torch.Tensor) for tensor in changed.values()):
            changed = {name: tensor.contiguous() for name, tensor in changed.items()}
            yield label, written(changed, header)
    for part in ("generator", "encoder"):
        for name, number in header[part].items():
            for wrong in (None, "x", -1, 0, 2**62, 1e308, [], [10**9] * 4, {"a": 1}, True):
                allowed = name == "normalize_z" and wrong is True or name == "relative"
                if wrong != number and not allowed:
                    changed = header | {part: header[part] | {name: wrong}}
                    yield f"{part}.{name} {wrong!r}", written(tensors, changed)
    for key, wrong in [("version", 2), ("version", "x"), ("format", "icaedit.latents"),
                       ("format", 3), ("generator", []), ("encoder", "x"), ("fingerprint", "0"),
                       ("encoder", None)]:  # fmt: skip
        yield f"{key} {wrong!r}", written(tensors, header | {key: wrong})
    yield "a header that is no JSON", written(tensors, "{")
    yield "a header of a list", written(tensors, "[]")
    yield "no header of icaedit", save(tensors)
    whole = path.read_bytes()
    for length in (0, 1, 2**31, 2**62, 2**63, 2**64 - 1):
        yield f"a header of {length} bytes", length.to_bytes(8, "little") + whole[8:]


def all_variants(layout, good, fabricate, pair, touch, tmp_path):
    variants = fabricate.variants
    yield from variants.strangers()
    yield from variants.damaged(good, seed=FORMATS.index(layout))
    if layout == "icaedit":
        path = tmp_path / "good.safetensors"
        path.write_bytes(good)
        yield from safetensors_variants(path, fabricate)
        return
    yield from tensor_variants(layout, fabricate, pair)
    yield from pickle_variants(layout, good, fabricate, touch)
    if layout not in WITHOUT_CHECKSUM:
        yield from variants.archives(touch)


def test_hostile_and_damaged_files_are_refused_without_any_side_effect(
    layout, good, fabricate, pairs, watch, desk, tmp_path
):
    paths = [tmp_path / name for name in ("file", "a.safetensors", "a.pkl", "a.pt")]
    for path in paths:
        path.write_bytes(good)
    touched = tmp_path / "touched"
    expected = load_model(paths[0], device="cpu").fingerprint  # and all modules are imported
    kind = "e4e" if layout == "legacy" else layout
    codecs.lookup("cp437")  # of zip archives
    refused, wrong = 0, []
    files = sorted(tmp_path.rglob("*"))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for label, content in all_variants(
        layout, good, fabricate, pairs[kind], str(touched), tmp_path
    ):
        path = paths[refused % len(paths)]
        path.write_bytes(content)
        watch.on = True
        try:
            model = load_model(path, device="cpu")
        except FormatError as err:
            refused += 1
            if str(path) not in str(err) or "\n" in str(err):
                wrong.append((label, str(err)))
        except BaseException as err:  # whatever it is, it is told with its variant
            wrong.append((label, repr(err)))
        else:
            same = model.fingerprint == expected  # harmless: bytes that nothing depends on
            if not (same or "a bit flipped" in label and layout in WITHOUT_CHECKSUM):
                wrong.append((label, "was loaded as another model"))
        finally:
            watch.on = False
    assert wrong == []
    assert refused >= LEAST
    assert watch.seen == []
    assert sorted(set(tmp_path.rglob("*")) - {tmp_path / "good.safetensors"}) == files
    # bombs would take gigabytes; the largest variant written here holds a few megabytes
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory < 400_000  # kB


@pytest.mark.parametrize("name", ["a.safetensors", "a.pkl", "a.pt", "a.png", "a"])
def test_what_a_file_is_does_not_follow_from_its_name(layout, good, name, tmp_path):
    plain, renamed = tmp_path / "file.bin", tmp_path / name
    plain.write_bytes(good)
    renamed.write_bytes(good)
    model = load_model(renamed, device="cpu")
    assert model.fingerprint == load_model(plain, device="cpu").fingerprint


@pytest.mark.parametrize("container", ["as_zip", "as_legacy"])
def test_torchs_own_restriction_holds_where_the_check_before_it_is_blind(
    container, fabricate, monkeypatch, tmp_path
):
    for check in ("_check_archive", "_check_legacy"):
        monkeypatch.setattr(torch_files, check, lambda *_: None)
    variants, touched = fabricate.variants, tmp_path / "touched"
    payload = b"cposix\nsystem\n" + variants.text(f"touch {touched}") + b"\x85R"
    content = getattr(variants, container)(variants.wrapped(payload))
    with pytest.raises(FormatError, match="more than tensors"):
        read_torch(content, where="x")
    assert not touched.exists()
