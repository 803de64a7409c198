"""Damaged and hostile variants of checkpoint files, as bytes with a label."""

import io
import random
import struct
import zipfile
from collections.abc import Iterator

import torch

Variant = tuple[str, bytes]

LEGACY_START = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."
GLOBALS = [
    "os system", "posix system", "nt system", "builtins eval", "builtins exec", "builtins open",
    "builtins getattr", "builtins __import__", "builtins compile", "__builtin__ eval", "io open",
    "_io FileIO", "subprocess Popen", "subprocess check_output", "os open", "os mkdir", "os execv",
    "os popen", "shutil rmtree", "pathlib Path", "importlib import_module", "runpy run_path",
    "code interact", "pdb run", "types CodeType", "types FunctionType", "functools partial",
    "operator attrgetter", "pickle loads", "_pickle loads", "marshal loads", "ctypes CDLL",
    "socket socket", "webbrowser open", "torch load", "torch.jit load", "torch.hub load",
    "torch.serialization load", "torch.utils.data.dataloader DataLoader", "numpy load",
    "numpy.lib.npyio load", "joblib load", "models.psp pSp", "torch.nn.modules.linear Linear",
    "dnnlib.util open_url", "dnnlib.tflib.network Network", "sys modules", "collections Counter",
    "copyreg _reconstructor", "torch._utils _rebuild_from_type_v2", "torch._tensor _set",
]  # fmt: skip


def text(words: str) -> bytes:
    return b"X" + struct.pack("<I", len(words.encode())) + words.encode()


def raw(content: bytes) -> bytes:
    return b"B" + struct.pack("<I", len(content)) + content


def wrapped(expression: bytes, protocol: int = 2) -> bytes:
    return b"\x80" + bytes([protocol]) + expression + b"."


def expressions(touch: str) -> Iterator[tuple[str, bytes]]:
    """Yield pickle expressions that would touch a file, run code, or fill memory."""
    command, python = f"touch {touch}", f"open({touch!r}, 'w')"
    for path in GLOBALS:
        module, name = path.split()
        words = text(python if name in ("eval", "exec", "compile") else command)
        if "open" in name or name in ("FileIO", "mkdir"):
            words = text(touch) + text("w")
        named = f"c{module}\n{name}\n".encode()
        yield f"call {path}", named + b"(" + words + b"tR"
        yield f"stack call {path}", text(module) + text(name) + b"\x93(" + words + b"tR"
        yield f"new {path}", named + b"(" + words + b"t\x81"
    inner = wrapped(b"cposix\nsystem\n(" + text(command) + b"tR")
    load = b"ctorch.storage\n_load_from_bytes\n"
    yield "bytes of a pickle", load + raw(inner) + b"\x85R"
    yield "bytes of bytes", load + raw(wrapped(load + raw(inner) + b"\x85R")) + b"\x85R"
    yield "bytes of an old file", load + raw(as_legacy(inner)) + b"\x85R"
    yield "bytes of a packed file", load + raw(as_zip(inner, packed=True)) + b"\x85R"
    yield "an instance", b"(" + text(command) + b"iposix\nsystem\n"
    yield "an object", b"(cposix\nsystem\n" + text(command) + b"o"
    yield "new with keywords", b"cposix\nsystem\n(" + text(command) + b"t}\x92"
    for code in (b"\x82\x01", b"\x83\x01\x00", b"\x84\x01\x00\x00\x00"):
        yield f"extension {code!r}", code
    yield "a text identifier", b"Pstorage\n"
    yield "an identifier of a module", b"(" + text("module") + text(touch) + b"tQ"
    yield "an identifier of a path", b"(" + text("storage") + text(touch) * 3 + b"K\x01tQ"
    ordered = b"ccollections\nOrderedDict\n)R"
    yield "a state with a class", ordered + b"}" + text("__class__") + b"cos\nsystem\nsb"
    yield "a state of a list", b"]}" + text("__dict__") + b"}sb"
    yield "a reader of its own", b"}" + text("__reduce__") + b"cos\nsystem\ns"
    yield from bombs()


def bombs() -> Iterator[tuple[str, bytes]]:
    """Yield expressions that grow far beyond their bytes where a reader does not look."""
    storage = (
        b"(X\x07\x00\x00\x00storagectorch\nFloatStorage\nX\x01\x00\x00\x000X\x03\x00\x00\x00cpu"
    )
    rebuild = b"ctorch._utils\n_rebuild_tensor_v2\n("
    huge = b"\x8a\x08" + struct.pack("<q", 2**60)
    tail = b"\x89ccollections\nOrderedDict\n)Rt"
    yield "a memo of 2^32 places", b"Nr\xff\xff\xff\xff"
    yield "a memo place that is not there", b"j\xff\xff\xff\x7f"
    yield "a tuple nested as a key", b"}" + b")" + b"\x85" * 100_000 + b"Ns"
    yield "a list nested 2^17 deep", b"]" * 2**17 + b"a" * (2**17 - 1) + b"cos\nsystem\n"
    yield (
        "lists doubled 60 times",
        b"]q\x00"
        + b"".join(
            b"](h" + bytes([i]) + b"h" + bytes([i]) + b"eq" + bytes([i + 1]) for i in range(60)
        ),
    )
    yield "a text of 2^62 bytes", b"\x8d" + struct.pack("<Q", 2**62)
    yield "bytes of 2^62 bytes", b"\x8e" + struct.pack("<Q", 2**62)
    yield "a text of 4 GB", b"X\xff\xff\xff\xff"
    yield "a frame of 2^63 bytes", b"\x95" + struct.pack("<Q", 2**63)
    yield "a number of 2 GB", b"\x8b\xff\xff\xff\x7f"
    yield "a million steps", b"N0" * 500_001 + b"N"
    yield "marks without end", b"(" * 100_000
    yield (
        "keys chosen to collide",
        b"}"
        + b"".join(
            b"\x8a\x09" + ((2**61 - 1) * (i + 1)).to_bytes(9, "little") + b"Ns" for i in range(50)
        ),
    )
    yield "a storage of 2^60", storage + huge + b"tQ"
    yield "a storage below nothing", storage + b"J\xff\xff\xff\xfftQ"
    for label, size, stride in [
        ("of 10^18 numbers in one", huge + b"\x85", b"K\x00\x85"),
        ("that starts before its storage", b"K\x01\x85", b"J\xff\xff\xff\xff\x85"),
        ("of 300 axes", b"(" + b"K\x01" * 300 + b"t", b"(" + b"K\x01" * 300 + b"t"),
        ("of a text for a shape", text("x") + b"\x85", b"K\x01\x85"),
    ]:
        yield f"a tensor {label}", rebuild + storage + b"K\x01tQK\x00" + size + stride + tail + b"R"


def as_zip(
    pickled: bytes, *, packed: bool = False, others: dict[str, bytes] | None = None
) -> bytes:
    """Return an archive as torch writes it, with another pickle."""
    buffer = io.BytesIO()
    how = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
    with zipfile.ZipFile(buffer, "w", how) as archive:
        entries = {"data.pkl": pickled, "byteorder": b"little", "data/0": bytes(4), "version": b"3"}
        for name, content in (entries | (others or {})).items():
            archive.writestr(f"x/{name}", content)
    return buffer.getvalue()


def as_legacy(pickled: bytes) -> bytes:
    """Return a file of the older container around another pickle."""
    return LEGACY_START + wrapped(b"M\xe9\x03") + wrapped(b"}") + pickled + wrapped(b"]")


def archives(touch: str) -> Iterator[Variant]:
    """Yield zip archives that are no checkpoints, or unpack to more than themselves."""
    empty = wrapped(b"}")
    yield "a packed pickle", as_zip(empty, packed=True)
    yield "a bomb", as_zip(empty, packed=True, others={"data/1": bytes(1 << 25)})
    yield "a bomb in the pickle", as_zip(wrapped(b"N0" * (1 << 22) + b"N"), packed=True)
    yield "no pickle", as_zip(b"")
    yield "a TorchScript archive", as_zip(empty, others={"constants.pkl": empty})
    yield "code", as_zip(empty, others={"code/__torch__.py": f"open({touch!r}, 'w')".encode()})
    for name in ("/etc/x", "../x", "x/../../x", touch):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr("x/data.pkl", empty)
            archive.writestr(name, b"1")
        yield f"a file {name}", buffer.getvalue()
    good = as_zip(empty)
    yield "something behind it", good + b"PK"
    place = good.rindex(b"PK\x01\x02")
    for offset, label in ((8, "locked"), (24, "longer"), (42, "elsewhere"), (38, "a folder")):
        for bit in (1, 16, 64):
            changed = bytearray(good)
            changed[place + offset] ^= bit
            yield f"an entry {label} {bit}", bytes(changed)
    many = bytearray(good)
    many[-10:-6] = b"\xff\xff\xff\x7f"
    yield "a list of 2 GB", bytes(many)
    yield "an archive in an archive", as_zip(good)


def damaged(good: bytes, *, seed: int, n_cuts: int = 40, n_flips: int = 50) -> Iterator[Variant]:
    """Yield the file cut short, with one bit flipped, and with pieces missing or doubled."""
    source = random.Random(seed)
    for cut in range(n_cuts):
        yield f"cut at {cut}/{n_cuts}", good[: len(good) * cut // n_cuts]
    for _ in range(n_flips):
        changed, place = bytearray(good), source.randrange(len(good))
        changed[place] ^= 1 << source.randrange(8)
        yield f"a bit flipped at {place}", bytes(changed)
    for _ in range(15):
        place, count = source.randrange(len(good)), source.randrange(1, 300)
        yield f"{count} bytes missing at {place}", good[:place] + good[place + count :]
        yield f"{count} bytes doubled at {place}", good[: place + count] + good[place:]


def strangers() -> Iterator[Variant]:
    """Yield files that are no checkpoints at all."""
    yield "nothing", b""
    yield "a web page", b"<!DOCTYPE html><html>Google Drive - Virus scan warning</html>"
    yield "a pointer", b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n"
    yield "a gzip archive", b"\x1f\x8b\x08\x00" + bytes(60)
    yield "a picture", b"\x89PNG\r\n\x1a\n" + bytes(60)
    yield "text", b"hello\n" * 20
    yield "a pickle of protocol 0", b"cos\nsystem\n(S'true'\ntR."
    yield "zeros", bytes(500)
    yield "a tar", b"sys_info".ljust(257, b"\0") + b"ustar\x0000" + bytes(600)


def other_weights(weights: dict[str, torch.Tensor]) -> Iterator[tuple[str, dict]]:
    """Yield state dicts with one tensor renamed, missing, misshapen, of another kind or not finite.

    Every tensor of the first kinds is touched in turn, so that all layers are.
    """
    changes = {
        "of whole numbers": lambda t: torch.ones_like(t, dtype=torch.int64),
        "of truth values": lambda t: torch.ones_like(t, dtype=torch.bool),
        "complex": lambda t: t.to(torch.complex64),
        "with NaN": lambda t: torch.full_like(t, float("nan")),
        "infinite": lambda t: torch.full_like(t, float("inf")),
        "with one axis more": lambda t: t[None],
        "cut": lambda t: t.flatten()[:-1] if t.numel() > 1 else t.expand(2),
        "that is a list": lambda t: t.tolist(),
        "that is nothing": lambda t: None,
    }
    names = [name for name, tensor in weights.items() if tensor.is_floating_point()]
    for place, name in enumerate(names[:: max(1, len(names) // 16)]):
        label, change = list(changes.items())[place % len(changes)]
        yield f"{name} {label}", weights | {name: change(weights[name])}
        rest = {key: tensor for key, tensor in weights.items() if key != name}
        yield f"without {name}", rest
        yield f"{name} renamed", rest | {f"{name}.x": weights[name]}
    yield "with one tensor more", weights | {"stranger": torch.zeros(1)}
    yield "with a key that is no text", weights | {3: torch.zeros(1)}
