# make run: the whole house with simulated cameras and devices.   make test: every check.   Both set everything up first.
SHELL := /bin/sh
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
TESTS ?= tests
WORKERS ?= 2
.DEFAULT_GOAL := help
.PHONY: help run setup test faults soak pictures lint format lock clean packages-run packages-test

help: ## show this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

run: $(VENV)/.run packages-run ## set up, then start everything with the demo (Ctrl-C stops it)
	@exec setpriv --pdeathsig=TERM -- $(BIN)/mingchu up --demo $(ARGS)

setup: $(VENV)/.test packages-test ## set up for run and test

test: setup lint ## set up, then run every check
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile $(TESTS)

faults: setup ## the faults of PROMISES as often as they are promised (half an hour and more)
	MINGCHU_FULL_FAULTS=1 $(BIN)/python -m pytest tests/faults tests/integration/test_alert_engine.py

soak: setup ## the whole house for two hours: memory and descriptors must not grow (ARGS="--minutes 20" for a look)
	$(BIN)/python -m mingchu bench soak $(ARGS)

lint: $(VENV)/.test ## style, types, import rules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/basedpyright
	$(BIN)/lint-imports

pictures: setup ## take the pictures of the docs anew, in a small simulated city
	$(BIN)/python -m tests.e2e.pictures

format: $(VENV)/.test ## rewrite the code in the project's style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: ## write requirements*.lock anew from pyproject.toml, with hashes (needs uv)
	uv pip compile --quiet --generate-hashes --no-emit-index-url pyproject.toml -o requirements.lock
	uv pip compile --quiet --generate-hashes --no-emit-index-url --extra dev pyproject.toml -o requirements-dev.lock

clean: ## remove the virtual environment and all caches (the data directory stays)
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Set-up: each step leaves a stamp, so that the next run costs nothing. ------------------------------------------------
$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Mingchu needs Python 3.11 or later; $(PYTHON) is older: make PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || $(call install,python3-venv)
	$(PYTHON) -m venv $(VENV)
	@touch $@

# The checkout itself is the package: a path file and a starter, no build.
$(VENV)/.linked: $(VENV)/.made
	@echo "$(CURDIR)" > "$$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/mingchu.pth"
	@printf '%s\n' '#!$(CURDIR)/$(BIN)/python' 'from mingchu.cli import main' '' 'main()' > $(BIN)/mingchu
	@chmod +x $(BIN)/mingchu
	@touch $@

$(VENV)/.run: requirements.lock $(VENV)/.linked
	@[ -f $(VENV)/.test ] && [ ! requirements.lock -nt $(VENV)/.test ] || \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

$(VENV)/.test: requirements-dev.lock $(VENV)/.linked
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

packages-run:
	@$(call need,mosquitto,mosquitto)

packages-test: packages-run
	@$(call need,chromium,chromium)
	@$(call need,ffmpeg,ffmpeg)
	@$(call need,mosquitto_pub,mosquitto-clients)

# need: program, Debian package. install: Debian package; without root it says the one command to run.
need = PATH="$$PATH:/usr/sbin" command -v $(1) >/dev/null || $(call install,$(2))
install = if [ "$$(id -u)" = 0 ]; then \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $(1) >/dev/null; \
	elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then \
		sudo -n apt-get update -qq && sudo -n apt-get install -qq -y --no-install-recommends $(1) >/dev/null; \
	else \
		echo "$(1) is missing and needs root once: sudo apt-get install $(1)"; exit 1; \
	fi
