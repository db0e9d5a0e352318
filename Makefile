# `make` alone lists the targets. Only Python 3.11 or later and make are assumed.
.DEFAULT_GOAL := help
.PHONY: help run test check bench verify clean lock

MODERN := import sys; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for name in python3 python3.13 python3.12 python3.11 python; do \
  if "$$name" -c "$(MODERN)" >/dev/null 2>&1; then command -v "$$name"; break; fi; done)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check
READY := $(VENV)/.ready
REPORT := reports/hbm-outage.html

# What an event passes through on its way, compiled where there is a C compiler: half the time, the same answers.
COMPILED := $(VENV)/.compiled
LOOP := $(addprefix twin/simulate/,$(addsuffix .py,clock gates pools routing clusters layout units luck streams \
  targets stocks lanes lots station shipping racks desk datacenter conversions making quality fates limits modes policies \
  pull pull_plan pull_sources planned_stock customers)) twin/events/writer.py

help: ## list the targets
	@sed -nE 's/^([a-z]+):.*## (.*)/\1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{ printf "make %-7s %s\n", $$1, $$2 }'

run: $(COMPILED) ## check the input, run baseline against hbm-outage, write the page
	$(BIN)/twin check baseline hbm-outage
	$(BIN)/twin run hbm-outage --report $(REPORT)

test: $(COMPILED) ## prove it: all tests, on up to four cores
	$(BIN)/python -m pytest --quiet --numprocesses auto --maxprocesses 4 --dist worksteal

check: $(READY) ## lint, format, types, and who may import whom
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(COMPILED) ## measure speed and memory, into reports/bench.json
	$(BIN)/python -m twin.study.bench

verify: $(COMPILED) ## climb the ladder of known answers and write docs/verification.md
	$(BIN)/python -m pytest tests/known --verification --quiet --numprocesses auto --maxprocesses 4

clean: ## remove the environment, caches, runs and rendered pages
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist runs
	find reports -mindepth 1 -maxdepth 1 ! -name gallery ! -name README.md -exec rm -rf {} +
	find twin \( -name '*.so' -o -name '*.pyd' \) -delete
	find twin tests -name __pycache__ -type d -prune -exec rm -rf {} +

lock: $(READY) ## resolve the dependencies anew, into requirements.txt
	$(PIP) install uv
	$(BIN)/uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --upgrade --generate-hashes \
	  --no-emit-index-url --no-annotate --quiet --custom-compile-command "make lock" --output-file requirements.txt

$(READY): requirements.txt pyproject.toml
	@"$(PYTHON)" -c "$(MODERN)" >/dev/null 2>&1 || { \
	  echo "No Python 3.11 or later was found. Install one, or name it: make PYTHON=/path/to/python3" >&2; exit 1; }
	@echo "Installing into $(VENV), once; this takes a few minutes" >&2
	@"$(PYTHON)" -m venv $(VENV)
	@$(PIP) install --require-hashes --requirement requirements.txt
	@$(PIP) install --no-build-isolation --no-deps --editable .
	@touch $(READY)

# Compiled in a copy, so that a compiler that fails half way leaves nothing behind.
$(COMPILED): $(READY) $(LOOP)
	@find twin \( -name '*.so' -o -name '*.pyd' \) -delete
	@rm -rf build/compiled && mkdir -p build/compiled && cp -R twin build/compiled
	@echo "Compiling the inner loop of the simulation; this takes a minute or two" >&2
	@cd build/compiled && { \
	  ../../$(BIN)/mypyc --ignore-missing-imports $(LOOP) >compiled.log 2>&1 \
	  && cp *__mypyc.* "$$(../../$(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("platlib"))')" \
	  && for built in $$(find twin -name '*.so' -o -name '*.pyd'); do cp "$$built" "../../$$built" || exit 1; done \
	  || echo "Not compiled, see build/compiled/compiled.log: a simulation takes nearly twice as long" >&2; }
	@touch $(COMPILED)
