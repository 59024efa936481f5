# One place for every command. `make run` is all a newcomer needs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DATA ?= data

.PHONY: help run setup setup-dev check test lock sbom clean

help:  ## Show this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

run: setup  ## Set up and start the product with demo devices
	@exec $(BIN)/tram up --demo --data $(DATA)

setup: $(VENV)/.ready  ## Make .venv with the hash-locked dependencies
	@$(BIN)/python tools/compile_reader.py

setup-dev: $(VENV)/.ready-dev  ## The same, with the tools that check and test
	@$(BIN)/python tools/compile_reader.py

$(VENV)/.ready: requirements/base.lock tools/setup_venv.py pyproject.toml
	@$(PYTHON) tools/setup_venv.py $(VENV) requirements/base.lock
	@touch $@

$(VENV)/.ready-dev: requirements/dev.lock tools/setup_venv.py pyproject.toml
	@$(PYTHON) tools/setup_venv.py $(VENV) requirements/dev.lock
	@touch $(VENV)/.ready $@

check: setup-dev  ## Every static check
	@$(BIN)/python tools/check.py

test: setup-dev  ## Set up what the tests need and run them all
	@$(BIN)/python tools/test_servers.py
	@$(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder

lock: setup-dev  ## Resolve the dependencies anew, with hashes and without addresses
	@$(PYTHON) tools/lock.py $(VENV)

sbom: setup  ## Write the bill of materials (CycloneDX) to build/sbom.cdx.json
	@$(BIN)/python tools/sbom.py

clean:  ## Remove what setup made (never the data)
	rm -rf $(VENV) .venv-peers build .mypy_cache .ruff_cache .pytest_cache
