# One word per development action. `make demo` and `make test` need nothing but Python 3.11 or newer.
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
# One more than there are cores: tests wait for services and for the disk.
WORKERS ?= $(shell echo $$(($$(getconf _NPROCESSORS_ONLN) + 1)))
EXAMPLES ?= 5000

.PHONY: setup demo check audit test fuzz bench docs clean

$(VENV)/.ready: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Garonne needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Name another with PYTHON=python3.11") if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

setup: $(VENV)/.ready

demo: setup
	$(BIN)/garonne demo

check: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m tests.audit --daily

audit: setup
	$(BIN)/python -m tests.audit

test: setup
	$(BIN)/pytest -n $(WORKERS) --dist loadgroup

# The suite's fuzzing, for longer.
fuzz: setup
	GARONNE_EXAMPLES=$(EXAMPLES) $(BIN)/pytest tests/fuzz

# Judges that cannot be installed are left out of the measurement, which says so.
bench: setup
	-$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[bench]'
	$(BIN)/python -m tests.bench

# The pipeline and the service are killed 200 times, backup, restore, export and repair 100 times; every promise is checked after each. The suite has a share of it.
faults: setup
	$(BIN)/python -m tests.faults --kills 200 --keeping 100

# 24 nights of changes, faults and kills.
nights: setup
	$(BIN)/python -m tests.nights

docs: setup
	$(BIN)/python -m tests.docs

clean:
	rm -rf $(VENV) var build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
