# `make demo` and `make test` do all their set-up; a second run has none to do.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV ?= .venv
BIN := $(VENV)/bin
DEMO ?= icaedit-demo
# threads of torch that wait do not take the core which others need
export OMP_WAIT_POLICY ?= PASSIVE
SOURCES := $(shell find icaedit -type f -not -name '*.pyc')
NOTEBOOKS := $(wildcard notebooks/*.ipynb) tools/render_notebooks.py tools/notebook_pages.py

.PHONY: FORCE help install demo test slow lint docs notebooks cli-docs public-names clean

help:
	@echo "make demo      the whole tour; pictures in $(DEMO)"
	@echo "make test      the tests, against the installed package"
	@echo "make slow      the tests that take minutes"
	@echo "make lint      ruff and the import contract"
	@echo "make docs      the documentation, in docs/_build/html"
	@echo "make notebooks run the notebooks and write their pages in docs/notebooks"
	@echo "make cli-docs  write docs/cli anew from the commands' help"
	@echo "make public-names  take the snapshot of public names anew"
	@echo "make clean     remove what the others made, but for $(VENV)"

# packages: only when their list changes
$(VENV)/.packages: setup.cfg pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "icaedit needs Python 3.11 or newer; name one with make PYTHON=...")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet -c constraints.txt setuptools
	$(BIN)/python -m pip install --quiet -c constraints.txt --no-build-isolation '.[dev]'
	touch $@

# the list of sources, touched when one comes or goes
$(VENV)/.sources: $(VENV)/.packages FORCE
	@printf '%s\n' $(sort $(SOURCES)) > $@.new
	@cmp --silent $@ $@.new && rm $@.new || mv $@.new $@

# icaedit itself, as a wheel: whenever a source changes; left-over build folders would slip into it
$(VENV)/.installed: $(VENV)/.sources $(SOURCES)
	rm -rf build icaedit.egg-info
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --force-reinstall .
	rm -rf build icaedit.egg-info
	touch $@

install: $(VENV)/.installed

demo: install
	$(BIN)/icaedit demo $(DEMO)

# the pytest script, unlike `python -m pytest`, leaves the checkout off sys.path
test: install
	ICAEDIT_TEST_INSTALLED=1 $(BIN)/pytest --pyargs ./tests icaedit

slow: install
	ICAEDIT_TEST_INSTALLED=1 $(BIN)/pytest -m slow ./tests

lint: install
	$(BIN)/ruff check icaedit tests tools benchmarks docs
	$(BIN)/lint-imports

docs: install notebooks
	$(BIN)/sphinx-build -q -W --keep-going docs docs/_build/html
	$(BIN)/python tools/check_site.py docs/_build/html

notebooks: $(VENV)/.notebooks

# run when a notebook or the package changed; their pages are written for the documentation
$(VENV)/.notebooks: $(VENV)/.installed $(NOTEBOOKS)
	$(BIN)/python tools/render_notebooks.py
	touch $@

cli-docs: install
	$(BIN)/python tools/write_cli_docs.py

public-names: install
	$(BIN)/python tools/write_public_names.py

clean:
	find docs/notebooks -type f -not -name index.md -delete
	rm -rf $(VENV)/.notebooks build dist docs/_build docs/api docs/commands icaedit.egg-info .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	find icaedit tests tools -type d -name __pycache__ -prune -exec rm -rf {} +
