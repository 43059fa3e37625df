# dorsalhorn: every target sets up by itself what it needs, in .venv beside this file.
# A Python 3.11 or newer is all that must be there; name another one with  make PYTHON=python3.12 run

PYTHON   ?= python3
PORT     ?= 8765
SCENARIO ?= injury_heals_pain_stays
WORKERS  ?= 2
PYTEST   ?=

VENV := .venv
BIN  := $(VENV)/bin
RIVAL := .venv/brian2

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help setup run test app bench bench-brian2 lint format types check verify lock clean

help:  ## this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## /{printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(VENV)/ready-dev  ## everything, for work on the code: run, app, tests, linters
	@echo "Ready: $(BIN)/dorsalhorn --help"

run: $(VENV)/ready-run  ## the flagship: an injury heals, the pain stays (SCENARIO=name for another)
	$(BIN)/dorsalhorn run $(SCENARIO)

test: $(VENV)/ready-dev  ## the tests (PYTEST="-k name" for some of them, WORKERS=0 in one process)
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile -m "not slow" $(PYTEST)

app: $(VENV)/ready-app  ## the page in a browser, on 127.0.0.1 (PORT=8765), no network needed
	SOLARA_TELEMETRY_MIXPANEL_ENABLE=False $(BIN)/solara run app.py --host 127.0.0.1 --port $(PORT) --production

bench: $(VENV)/ready-dev  ## how fast it is
	$(BIN)/python benchmarks/run.py

bench-brian2: $(RIVAL)/ready  ## the electrical epoch beside Brian2 (needs g++; compiles for some minutes)
	PYTHONPATH=$(RIVAL)/src $(RIVAL)/bin/python -W ignore benchmarks/epoch.py

lint: $(VENV)/ready-dev  ## style, and which folder may import which
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

format: $(VENV)/ready-dev  ## put the style right
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

types: $(VENV)/ready-dev  ## the type checker
	@found=$$($(BIN)/mypy); code=$$?; echo "$$found" | sed 's#^$(VENV)/src/dorsalhorn/##'; exit $$code

check: lint types test  ## what .ci/run does

verify: $(VENV)/ready-dev  ## the long statistical runs: the shipped scenarios over ten seeds, convergence (an hour and more); ONLY=sham: one of them
	$(BIN)/python -m pytest -m slow -s -k "$(ONLY)" $(PYTEST)

clean:  ## remove what was built and cached (runs/ and .venv stay)
	rm -rf build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name .venv -prune -o -name __pycache__ -type d -prune -exec rm -rf {} +

# Set-up. Versions and hashes come from requirements/*.lock, one file for every Python from 3.11 on:
# run.lock (to run scenarios), app.lock (and the page), dev.lock (and the tests and linters); bench.lock is for
# the benchmark beside Brian2 alone.

LOCKED_PYTHONS := 3.11 3.12 3.13

define install
	@minor=$$($(BIN)/python -c 'import sys; print("%d.%d" % sys.version_info[:2])'); \
	case " $(LOCKED_PYTHONS) " in \
	*" $$minor "*) \
		echo "Installing the locked versions for Python $$minor (requirements/$(1).lock) ..."; \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/$(1).lock && \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e . ;; \
	*) \
		echo "No versions are locked for Python $$minor (they are for $(LOCKED_PYTHONS)): installing the newest that fit."; \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.$(2)' ;; \
	esac
	@mkdir -p $(VENV)/src && ln -sfn ../.. $(VENV)/src/dorsalhorn
	@if $(BIN)/dorsalhorn warm --help >/dev/null 2>&1; then \
		echo "Compiling the rules ..."; $(BIN)/dorsalhorn warm || true; fi
endef

$(VENV)/ready-run: $(VENV)/bin/python pyproject.toml requirements/run.lock
	$(call install,run,)
	@touch $@

$(VENV)/ready-app: $(VENV)/bin/python pyproject.toml requirements/app.lock
	$(call install,app,[browser])
	@touch $(VENV)/ready-run $@

$(VENV)/ready-dev: $(VENV)/bin/python pyproject.toml requirements/dev.lock
	$(call install,dev,[browser$(comma)dev])
	@touch $(VENV)/ready-run $(VENV)/ready-app $@

# Brian2 has an environment of its own: it needs an older NumPy.
$(RIVAL)/ready: $(VENV)/bin/python requirements/bench.lock
	@command -v g++ >/dev/null || { echo "Brian2 writes C++: there is no g++ here (Debian, Ubuntu: apt install g++)." >&2; exit 2; }
	@$(BIN)/python -m venv $(RIVAL)
	@echo "Installing the locked versions (requirements/bench.lock) ..."
	@$(RIVAL)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bench.lock
	@mkdir -p $(RIVAL)/src && ln -sfn ../../.. $(RIVAL)/src/dorsalhorn
	@touch $@

comma := ,

$(VENV)/bin/python:
	@command -v $(PYTHON) >/dev/null || { \
		echo "There is no $(PYTHON) here. Install Python 3.11 or newer, or name one: make PYTHON=/path/to/python3.12 ..." >&2; exit 2; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "dorsalhorn needs Python 3.11 or newer, and $(PYTHON) is $$($(PYTHON) -c 'import sys; print(sys.version.split()[0])')." >&2; \
		echo "Name another one: make PYTHON=python3.12 ..." >&2; exit 2; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "$(PYTHON) cannot make an environment: its venv module is missing (Debian, Ubuntu: apt install python3-venv)." >&2; exit 2; }
	@$(PYTHON) -m venv $(VENV)

# New locks: uv (in an environment of its own) resolves for all Pythons at once, with the hashes of all files.
COMPILE = .lock/bin/uv pip compile --quiet --universal --python-version 3.11 --upgrade --generate-hashes \
	--no-annotate --custom-compile-command 'make lock' pyproject.toml requirements/build.in

lock:  ## new versions into requirements/*.lock (needs a network)
	$(PYTHON) -m venv .lock && .lock/bin/python -m pip install --quiet uv
	$(COMPILE) --extra browser --extra dev -o requirements/dev.lock
	$(COMPILE) --extra browser -c requirements/dev.lock -o requirements/app.lock
	$(COMPILE) -c requirements/dev.lock -o requirements/run.lock
	$(COMPILE) requirements/bench.in -o requirements/bench.lock
	rm -rf .lock
