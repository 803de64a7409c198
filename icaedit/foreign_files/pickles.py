"""Reading a pickle without executing it: names, calls and stored objects become records.

The pickles of other people's checkpoints are read by a small machine that knows the opcodes of
protocols 2 to 5 which such files use. It imports nothing and calls nothing: a global on the
caller's list becomes a `Name`, its call a `Call`, and every other global is an error. Steps and
memory are bounded by the length of the file.
"""

import struct
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

from icaedit.errors import FormatError

__all__ = ["Call", "Name", "Pickled", "Stored", "read_pickle", "shown"]

_MOST_STEPS = 1_000_000
_LONGEST_NAME = 200  # bytes of a module's or a function's name
_LARGEST_KEY = 2**31  # larger whole numbers can be chosen to collide in a table
_MAPPINGS = ("collections.OrderedDict", "dnnlib.util.EasyDict")
_STOP = ord(".")


@dataclass(frozen=True)
class Name:
    """A global that a pickle names."""

    path: str


@dataclass(eq=False)
class Call:
    """A call, or a new object, that a pickle asks for; nothing was called."""

    path: str
    arguments: tuple
    state: Any = field(default=None, repr=False)


@dataclass(eq=False)
class Stored:
    """An object that lies outside the pickle, by the identifier it is asked for with."""

    identifier: Any


@dataclass(frozen=True)
class Pickled:
    """What one pickle holds.

    Attributes
    ----------
    value : object
        Plain values, dicts, lists, tuples, and the records of this module. Ordered and easy
        dicts are plain dicts, and sets are lists.
    end : int
        Position after the pickle.
    calls, stored : list
        All that were met, in their order.
    """

    value: Any
    end: int
    calls: list[Call]
    stored: list[Stored]


def read_pickle(
    data: Any,
    start: int = 0,
    *,
    allowed: Collection[str],
    where: str,
    advice: Mapping[str, str] | None = None,
) -> Pickled:
    """Read one pickle into records.

    Parameters
    ----------
    data : bytes or mmap
        The pickle, and what surrounds it.
    start : int
        Where it begins.
    allowed : collection of str
        The globals it may name, as ``"module.name"``.
    where : str
        What messages call the file.
    advice : mapping of str to str, optional
        What to say instead about a refused global whose path starts with a key.

    Raises
    ------
    FormatError
        If it is damaged, names another global, or asks for anything beyond building records.

    Examples
    --------
    >>> import pickle
    >>> read_pickle(pickle.dumps({"a": [1, 2.5]}, 2), allowed=(), where="x").value
    {'a': [1, 2.5]}
    """
    machine = _Machine(data, start, allowed=allowed, where=where, advice=advice or {})
    value = machine.run()
    return Pickled(value, machine.position, machine.calls, machine.stored)


def shown(value: object) -> str:
    """Return something out of a file in a form that is short and safe to print.

    Examples
    --------
    >>> shown("latent_avg"), shown((3, 4)), shown([[]])
    ("'latent_avg'", '(3, 4)', 'a list')
    """
    plain = value if isinstance(value, tuple) and len(value) < 10 else (value,)
    if not all(type(entry) in (str, int, bool, type(None)) for entry in plain):
        return f"a {type(value).__name__}"  # nested values may repeat each other without end
    words = ascii(value)
    return words if len(words) <= 100 else words[:97] + "..."


class _Machine:
    """The stack, the marks and the memo of one pickle."""

    def __init__(
        self,
        data: Any,
        start: int,
        *,
        allowed: Collection[str],
        where: str,
        advice: Mapping[str, str],
    ) -> None:
        self.data, self.position, self.where = data, start, where
        self.allowed, self.advice = allowed, advice
        self.stack: list[Any] = []
        self.marks: list[list[Any]] = []
        self.memo: dict[int, Any] = {}
        self.calls: list[Call] = []
        self.stored: list[Stored] = []

    def run(self) -> Any:
        try:
            if self.take(1) != b"\x80" or self.byte() not in (2, 3, 4, 5):
                raise ValueError("no pickle of protocol 2 to 5")
            for _ in range(_MOST_STEPS):
                opcode = self.byte()
                if opcode == _STOP:
                    return self.stack.pop()
                if opcode not in _HANDLERS:
                    raise ValueError(f"opcode {opcode:#x} at byte {self.position - 1}")
                _HANDLERS[opcode](self)
        except (IndexError, KeyError, OverflowError, TypeError, ValueError, struct.error) as err:
            if isinstance(err, FormatError):
                raise
            raise FormatError(
                f"got {self.where} with a damaged or foreign pickle ({shown(str(err))}), expected "
                "a checkpoint; download or copy it again"
            ) from err
        self.refuse(f"a pickle of more than {_MOST_STEPS} steps")

    def refuse(self, what: str, advice: str | None = None) -> NoReturn:
        raise FormatError(
            f"got {self.where} with {what}, expected only tensors and plain values; "
            f"{advice or 'do not use this file'}"
        )

    # reading

    def take(self, count: int) -> bytes:
        piece = self.data[self.position : self.position + count]
        if len(piece) != count:
            raise ValueError(f"cut short at byte {self.position}")
        self.position += count
        return piece

    def byte(self) -> int:
        return self.take(1)[0]

    def number(self, layout: str) -> Any:
        return struct.unpack(layout, self.take(struct.calcsize(layout)))[0]

    def sized(self, layout: str) -> bytes:
        return self.take(self.number(layout))

    def text(self, layout: str) -> str:
        return str(self.sized(layout), "utf-8", "surrogatepass")

    def line(self) -> str:
        piece = self.data[self.position : self.position + _LONGEST_NAME]
        words, newline, _ = piece.partition(b"\n")
        if not newline:
            raise ValueError(f"a name without end at byte {self.position}")
        self.position += len(words) + 1
        return str(words, "utf-8")

    # the stack

    def pop_mark(self) -> list[Any]:
        items = self.stack
        self.stack = self.marks.pop()
        return items

    def mark(self) -> None:
        self.marks.append(self.stack)
        self.stack = []

    def tuple_of(self, count: int) -> None:
        if len(self.stack) < count:
            raise ValueError("an empty stack")
        items = tuple(self.stack[-count:])
        self.stack[-count:] = [items]

    def extend(self, items: list[Any]) -> None:
        if type(self.stack[-1]) is not list:
            raise ValueError("items for something else than a list")
        self.stack[-1].extend(items)

    def set_items(self, items: list[Any]) -> None:
        self.fill(self.stack[-1], items)

    def fill(self, target: Any, items: list[Any]) -> None:
        if type(target) is not dict or len(items) % 2:
            raise ValueError("keys and values for something else than a dict")
        for key, value in zip(items[::2], items[1::2], strict=True):
            if not (type(key) is str or type(key) is int and abs(key) < _LARGEST_KEY):
                self.refuse(f"a key of type {type(key).__name__} in a table")
            target[key] = value

    # names, and what is asked of them

    def name(self, module: Any, name: Any) -> None:
        if type(module) is not str or type(name) is not str:
            raise ValueError("a global whose name is no text")
        path = f"{module}.{name}"
        if path not in self.allowed:
            said = (said for start, said in self.advice.items() if path.startswith(start))
            self.refuse(f"the global {shown(path)}", next(said, None))
        self.stack.append(Name(path))

    def stack_name(self) -> None:
        name, module = self.stack.pop(), self.stack.pop()
        self.name(module, name)

    def call(self) -> None:
        arguments, target = self.stack.pop(), self.stack.pop()
        if not isinstance(target, Name) or type(arguments) is not tuple:
            self.refuse(f"a call of {type(target).__name__}")
        if target.path in _MAPPINGS:
            made: Any = {}
            for key, value in arguments[0] if arguments else ():
                self.fill(made, [key, value])
        else:
            made = Call(target.path, arguments)
            self.calls.append(made)
        self.stack.append(made)

    def build(self) -> None:
        state, target = self.stack.pop(), self.stack[-1]
        if isinstance(target, Call):
            target.state = state
        elif type(target) is not dict:  # on an ordered dict it is torch's record of versions
            self.refuse(f"a state for {type(target).__name__}")

    def outside(self) -> None:
        made = Stored(self.stack.pop())
        self.stored.append(made)
        self.stack.append(made)

    def keep(self, place: int) -> None:
        self.memo[place] = self.stack[-1]


def _push(make: Callable[[_Machine], Any]) -> Callable[[_Machine], None]:
    def handler(machine: _Machine) -> None:
        made = make(machine)  # first: to end a mark puts another stack in place
        machine.stack.append(made)

    return handler


_HANDLERS: dict[int, Callable[[_Machine], Any]] = {
    ord(opcode): handler
    for opcode, handler in {
        "(": _Machine.mark,
        "0": lambda m: m.stack.pop(),
        "1": lambda m: m.pop_mark(),
        "2": _push(lambda m: m.stack[-1]),
        "N": _push(lambda m: None),
        "\x88": _push(lambda m: True),
        "\x89": _push(lambda m: False),
        "J": _push(lambda m: m.number("<i")),
        "K": _push(lambda m: m.byte()),
        "M": _push(lambda m: m.number("<H")),
        "\x8a": _push(lambda m: int.from_bytes(m.sized("<B"), "little", signed=True)),
        "G": _push(lambda m: m.number(">d")),
        "X": _push(lambda m: m.text("<I")),
        "\x8c": _push(lambda m: m.text("<B")),
        "\x8d": _push(lambda m: m.text("<Q")),
        "U": _push(lambda m: str(m.sized("<B"), "latin-1")),
        "T": _push(lambda m: str(m.sized("<I"), "latin-1")),
        "C": _push(lambda m: m.sized("<B")),
        "B": _push(lambda m: m.sized("<I")),
        "\x8e": _push(lambda m: m.sized("<Q")),
        ")": _push(lambda m: ()),
        "t": _push(lambda m: tuple(m.pop_mark())),
        "\x85": lambda m: m.tuple_of(1),
        "\x86": lambda m: m.tuple_of(2),
        "\x87": lambda m: m.tuple_of(3),
        "]": _push(lambda m: []),
        "l": _push(lambda m: m.pop_mark()),
        "a": lambda m: m.extend([m.stack.pop()]),
        "e": lambda m: m.extend(m.pop_mark()),
        "}": _push(lambda m: {}),
        "\x8f": _push(lambda m: []),  # a set, whose entries nobody asks for
        "\x90": lambda m: m.extend(m.pop_mark()),
        "s": lambda m: m.set_items([m.stack.pop(-2), m.stack.pop()]),
        "u": lambda m: m.set_items(m.pop_mark()),
        "c": lambda m: m.name(m.line(), m.line()),
        "\x93": _Machine.stack_name,
        "R": _Machine.call,
        "\x81": _Machine.call,
        "b": _Machine.build,
        "Q": _Machine.outside,
        "q": lambda m: m.keep(m.byte()),
        "r": lambda m: m.keep(m.number("<I")),
        "\x94": lambda m: m.keep(len(m.memo)),
        "h": _push(lambda m: m.memo[m.byte()]),
        "j": _push(lambda m: m.memo[m.number("<I")]),
        "\x95": lambda m: m.number("<Q"),  # a frame's length, of use to streams only
    }.items()
}
