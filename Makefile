# One command per intention; CI runs the same ones.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# none, embedded, a GGUF file, or a model's name at OPENAI_BASE_URL; empty: the endpoint's if one is configured, else embedded.
MODEL ?= $(SHOPGUIDE_MODEL)

.PHONY: run test setup check lint types gate eval bench clean
.DEFAULT_GOAL := run

run: setup weights
	@SHOPGUIDE_MODEL="$(MODEL)" $(BIN)/shopguide serve

test: $(VENV)/.dev
	$(BIN)/python -m pytest

setup: $(VENV)/.ready

check: lint types test gate

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.dev
	$(BIN)/mypy app.py assistant benchmarks catalog_data prompts retrieval

# What nobody may break: the scripted conversations, and how simulated shoppers fare against the committed baseline.
gate: setup
	@SHOPGUIDE_NOW= SHOPGUIDE_CATALOG= $(BIN)/shopguide eval evals --simulate 200 --baseline evals/baseline.json

eval: setup
	@$(BIN)/shopguide eval evals --jobs 2 --simulate 1000 --out .data/eval/run.jsonl --report .data/eval/report.html
	@echo "The report: .data/eval/report.html"

bench: setup
	@mkdir -p .data/bench
	@$(BIN)/shopguide bench all --json .data/bench/all.json

# An environment that already holds a CPU build of torch keeps it: `torch==2.13.0` is satisfied by any build of that version.
$(VENV)/.ready: requirements.lock pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: make PYTHON=python3.11"; exit 1; }
	@echo "Installing (a few minutes, once) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check "torch==2.13.0" "setuptools>=77"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --requirement requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@$(BIN)/python -m compileall -q app.py assistant benchmarks catalog_data prompts retrieval
	@touch $@

$(VENV)/.dev: $(VENV)/.ready requirements-dev.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --requirement requirements-dev.lock
	@touch $@

# The embedded writer is an extra: where it cannot be had, the composer writes, and the page says so.
.PHONY: weights
weights: setup
ifeq ($(MODEL),)
	@test -n "$(OPENAI_BASE_URL)$(OPENAI_API_KEY)" || $(BIN)/python -m assistant.weights || echo "Going on without the embedded model: the composer writes."
else ifneq ($(filter %.gguf,$(MODEL)),)
	@$(BIN)/python -c 'from assistant.weights import install_engine; install_engine()' || echo "Going on without the embedded model: the composer writes."
else ifeq ($(MODEL),embedded)
	@$(BIN)/python -m assistant.weights || echo "Going on without the embedded model: the composer writes."
endif

clean:
	rm -rf $(VENV) .data .mypy_cache .ruff_cache .pytest_cache .hypothesis
