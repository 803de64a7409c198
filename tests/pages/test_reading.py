"""How pages are read: what counts as a block, a command, a word in backquotes."""

import pytest

from . import reading, words
from .reading import Block, Command, blocks, commands, quoted_words, unfenced_commands

PAGE = """\
# A page

Do `icaedit show FILE` and
`icaedit
models list`, not ``code`` of others.

```sh
icaedit demo
```

- in a list:

  ```python
  import icaedit
  ```

````{note}
Words, then `pip install x`.

```console
$ icaedit --version
icaedit 1
```
````

```{code-block} bash
:caption: said so
icaedit show a.png
```

~~~text
icaedit nothing
~~~

```
icaedit unnamed
```
"""


def test_blocks_are_found_in_lists_notes_and_directives_with_their_lines():
    found = blocks(PAGE, "page.md")
    assert [(block.language, block.text) for block in found] == [
        ("sh", "icaedit demo"),
        ("python", "import icaedit"),
        ("console", "$ icaedit --version\nicaedit 1"),
        ("bash", "icaedit show a.png"),
        ("text", "icaedit nothing"),
        ("", "icaedit unnamed"),
    ]
    lines = PAGE.splitlines()
    for block in found:
        assert lines[block.line - 1].strip() == block.text.splitlines()[0], block


def test_words_in_backquotes_are_those_of_sentences():
    assert quoted_words(PAGE) == ["icaedit show FILE", "icaedit models list", "pip install x"]


def test_commands_are_joined_where_they_go_on_and_comments_are_none():
    text = (
        "# first\nicaedit edit a.png \\\n  --emotion happy\n\nfor f in *.jpg; do\n  ls $f\ndone\n"
    )
    assert commands(Block("p", 10, "sh", text + "ls")) == [
        Command("p", 11, "icaedit edit a.png   --emotion happy"),
        Command("p", 14, "for f in *.jpg; do\n  ls $f\ndone"),
        Command("p", 17, "ls"),
    ]


def test_a_command_without_its_end_is_refused():
    with pytest.raises(AssertionError, match="p:3: a command without its end"):
        commands(Block("p", 2, "sh", "ls\nfor f in *; do"))


def test_of_a_console_the_output_is_kept():
    text = "$ icaedit a \\\n> b\nout\n...\n$ ls"
    assert commands(Block("p", 1, "console", text)) == [
        Command("p", 1, "icaedit a b", "out\n...\n"),
        Command("p", 5, "ls", None),
    ]


def test_commands_outside_of_fences_are_found():
    text = "Do\n\n    icaedit demo\n\n```text\n    icaedit demo\n```\n\n    x,y\n    1,2\n"
    assert unfenced_commands(text) == ["icaedit demo"]


def test_every_help_has_an_example_that_is_read():
    examples = reading.help_examples()
    assert len(examples) > 15 and all(examples.values())
    assert all(c.text.startswith(("icaedit", "eval")) for found in examples.values() for c in found)


@pytest.mark.parametrize(
    "line",
    [
        "icaedit edits face.png",
        "icaedit edit face.png --emotions happy",
        "icaedit models remove x",
    ],
)
def test_a_command_or_an_option_that_is_not_there_is_found(line):
    with pytest.raises(AssertionError, match="no command|no option"):
        words.check_icaedit(line.split(), "p")


@pytest.mark.parametrize(
    "line",
    [
        'pip install "icaedit[apps]"',
        "pip install torch",
        "pip install -c nowhere.txt .",
        "make tset",
        "python tools/no_such.py",
        ".venv/bin/python -m pytest tests/nowhere",
    ],
)
def test_a_word_that_means_nothing_is_found_in_what_is_not_run(line):
    with pytest.raises(AssertionError):
        words.check(Command("p", 1, line))


def test_good_words_are_not_complained_about():
    for line in ('pip install "icaedit[app]"', "pip install .", "make test", "make demo DEMO=x"):
        words.check(Command("p", 1, line))
    words.check_icaedit("icaedit edit face.png --emotion happy -o x.png".split(), "p")
    words.check_icaedit("icaedit COMMAND --help".split(), "p")
