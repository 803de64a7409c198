"""How the documentation is built: `make docs`, or `sphinx-build -W docs docs/_build/html`."""

import logging
import sys
from pathlib import Path

import icaedit

sys.path.insert(0, str(Path(__file__).parent / "extensions"))

project = "icaedit"
author = "icaedit contributors"
copyright = "icaedit contributors, MIT licence"
version = release = icaedit.__version__

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx_click",
    "sphinx_copybutton",
    "api_pages",
    "command_pages",
    "import_picture",
    "included_links",
    "mathml",
]
root_doc = "index"
exclude_patterns = ["_build", "cli", "extensions"]

myst_enable_extensions = ["colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3
smartquotes = False  # would turn --option into a dash
default_role = "py:obj"
# commands and listings carry no language; what is Python or a table says so
highlight_language = "text"

autodoc_member_order = "bysource"
autodoc_typehints = "none"  # the docstrings say types, shapes and units
napoleon_google_docstring = False
napoleon_use_rtype = False

html_theme = "furo"
html_title = "icaedit"
html_static_path = ["_static"]
html_css_files = ["icaedit.css"]
html_math_renderer = "mathml"
html_show_sphinx = False
html_copy_source = False
copybutton_exclude = ".linenos, .gp, .go"
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True
copybutton_only_copy_prompt_lines = False

# toctrees name pages that may be absent, such as executed notebooks, by patterns; sphinx gives this
# warning no type by which suppress_warnings could name it
logging.getLogger("sphinx.sphinx.directives.other").addFilter(
    lambda record: getattr(record, "subtype", None) != "empty_glob"
)
