"""What the pages show: fenced blocks, the commands in them, words in backquotes, help examples."""

import json
import re
import subprocess
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
PATTERNS = (
    "README.md",
    "CONTRIBUTING.md",
    "docs/**/*.md",
    "notebooks/*.md",
    "benchmarks/*.md",
    "icaedit/models/weights/*.md",
)
SHELL = ("", "sh", "bash", "shell", "console")
PYTHON = ("python", "py", "pycon")
NO_CODE = (
    "bibtex", "css", "csv", "diff", "html", "ini", "json", "make", "makefile", "math", "mermaid",
    "text", "toml", "txt", "xml", "yaml",
)  # fmt: skip
CODE_DIRECTIVES = ("code", "code-block", "code-cell", "sourcecode")
_FENCE = re.compile(r"( *)(`{3,}|~{3,})(.*)")
_UNFENCED = re.compile(r"(?: {4,}|\t)(?:\$ )?(?:icaedit|pip|python3?|make|git) ")
_STATEMENTS = ("for ", "while ", "if ", "case ", "{", "(")


class Block(NamedTuple):
    """A fenced block: its page, the number of its first line, its language and its lines."""

    page: str
    line: int
    language: str
    text: str


class Command(NamedTuple):
    """A command, where it stands, and the output that the page shows after it, if any."""

    page: str
    line: int
    text: str
    shown: str | None = None

    def __str__(self) -> str:
        return f"{self.page}:{self.line}: {self.text}"


def pages() -> list[str]:
    """Return the pages that are held to be true, as paths from the root of the checkout."""
    found = [path for pattern in PATTERNS for path in ROOT.glob(pattern)]
    made = {ROOT / "docs" / name for name in ("_build", "notebooks")}
    return sorted(
        path.relative_to(ROOT).as_posix() for path in set(found) if not made & set(path.parents)
    )


def read(page: str) -> str:
    """Return the text of a page."""
    return (ROOT / page).read_text(encoding="utf-8")


def blocks(text: str, page: str, first: int = 1) -> list[Block]:
    """Return the fenced blocks of a text in Markdown, those inside MyST's directives too."""
    found, lines, i = [], text.splitlines(), 0
    while i < len(lines):
        opening = _FENCE.fullmatch(lines[i])
        if opening is None:
            i += 1
            continue
        indent, fence, info = len(opening[1]), opening[2], opening[3].strip()
        start = i = i + 1
        while i < len(lines) and not _closes(lines[i], fence):
            i += 1
        body = [line[indent:] if not line[:indent].strip() else line for line in lines[start:i]]
        i += 1
        directive = re.match(r"\{([\w:-]+)\}\s*(.*)", info)
        if directive is None:
            language = info.split()[0].lower() if info else ""
        elif directive[1] in CODE_DIRECTIVES:
            language = directive[2].strip().lower()
            options = next((n for n, line in enumerate(body) if not line.startswith(":")), 0)
            start, body = start + options, body[options:]
        else:  # a note, a figure, a list of pages: what is fenced in it counts
            found += blocks("\n".join(body), page, first + start)
            continue
        found.append(Block(page, first + start, language, "\n".join(body)))
    return found


def _closes(line: str, fence: str) -> bool:
    stripped = line.strip()
    return len(stripped) >= len(fence) and not stripped.strip(fence[0])


def prose(text: str) -> list[str]:
    """Return the lines of a text that stand in no fence."""
    fenced = {
        number
        for block in blocks(text, "")
        for number in range(block.line, block.line + len(block.text.splitlines()))
    }
    return [
        line
        for number, line in enumerate(text.splitlines(), start=1)
        if number not in fenced and not _FENCE.fullmatch(line)
    ]


def unfenced_commands(text: str) -> list[str]:
    """Return the lines outside fences that are indented as code and start like a command."""
    return [line.strip() for line in prose(text) if _UNFENCED.match(line)]


def commands(block: Block) -> list[Command]:
    """Return the commands of a shell block: joined where they go on, without comments."""
    if block.language == "console":
        return _console_commands(block)
    found: list[Command] = []
    pending, start = "", block.line
    for number, line in enumerate(block.text.splitlines(), start=block.line):
        start = start if pending else number
        pending += line
        if pending.endswith("\\"):
            pending = pending[:-1]
        elif _is_open(pending):
            pending += "\n"
        else:
            found += [Command(block.page, start, pending.strip())] * _is_command(pending)
            pending = ""
    assert not pending, f"{block.page}:{start}: a command without its end: {pending}"
    return found


def _console_commands(block: Block) -> list[Command]:
    found: list[Command] = []
    for number, line in enumerate(block.text.splitlines(), start=block.line):
        if line.startswith("$ "):
            found.append(Command(block.page, number, line[2:].strip(), ""))
        elif line.startswith("> ") and found and found[-1].text.endswith("\\"):
            found[-1] = found[-1]._replace(text=found[-1].text[:-1] + line[2:])
        else:
            assert found, f"{block.page}:{number}: console block that does not start with `$ `"
            found[-1] = found[-1]._replace(shown=f"{found[-1].shown}{line}\n")
    return [command._replace(shown=command.shown or None) for command in found]


def _is_open(text: str) -> bool:
    """Say whether the shell waits for more: a loop, a quote or a here-document."""
    whole = text.count("'") % 2 == 0 and text.count('"') % 2 == 0 and "<<" not in text
    if whole and not text.lstrip().startswith(_STATEMENTS):
        return False
    done = subprocess.run(["bash", "-n"], input=text, capture_output=True, text=True, check=False)
    return done.returncode != 0 or "here-document" in done.stderr


def _is_command(text: str) -> bool:
    return bool(text.strip()) and not text.lstrip().startswith("#")


def quoted_words(text: str) -> list[str]:
    """Return what stands in backquotes within the sentences of a text."""
    words = re.findall(r"(?<!`)`([^`]+)`(?!`)", "\n".join(prose(text)))
    return [" ".join(each.split()) for each in words]


def help_examples() -> dict[str, list[Command]]:
    """Return the example of every command's help, by the name of the file that holds the help."""
    found = {}
    for path in sorted((ROOT / "docs" / "cli").glob("*.txt")):
        lines = path.read_text().splitlines()
        start = lines.index("  Example:") + 1
        end = lines.index("", start)
        text = "\n".join(line.strip() for line in lines[start:end])
        page = path.relative_to(ROOT).as_posix()
        found[page] = commands(Block(page, start + 1, "sh", text))
    return found


def notebook_texts() -> dict[str, str]:
    """Return the Markdown of the notebooks, by notebook; their code is run by `make notebooks`."""
    found = {}
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        cells = json.loads(path.read_text())["cells"]
        texts = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"]
        found[path.relative_to(ROOT).as_posix()] = "\n\n".join(texts)
    return found


def notebook_commands() -> list[Command]:
    """Return the shell commands in the cells of the notebooks."""
    found = []
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        for number, cell in enumerate(json.loads(path.read_text())["cells"]):
            source, page = "".join(cell["source"]), path.relative_to(ROOT).as_posix()
            if cell["cell_type"] != "code":
                continue
            if source.startswith(("%%bash", "%%sh")):
                _, _, source = source.partition("\n")
                found += commands(Block(page, number, "sh", source))
            else:
                lines = re.findall(r"^\s*(?:!|%sx )(.*)$", source, flags=re.M)
                found += [Command(page, number, line.strip()) for line in lines]
    return found
