# The tasks of ChatSynth. `make help` lists them; each one first installs and builds what it needs, and no more
# than has changed since: stamp files in .venv, node_modules and the built page remember what was done.

PYTHON ?= python3
# Where `make run` serves and keeps its data; an empty HOST or PORT is the one that `chatsynth serve` has.
HOST ?=
PORT ?=
DATA ?= data
# How long `make chaos` goes on, and what decides who does what and what goes wrong in which order.
MINUTES ?= 5
SEED ?= 1
# More arguments for pytest, such as ARGS="-k sharing -x".
ARGS ?=

VENV := .venv
BIN := $(VENV)/bin
NODE := $(VENV)/node/bin/node
STATIC := src/chatsynth/web/static
RUNTIME := $(VENV)/.runtime-installed
DEVELOPMENT := $(VENV)/.development-installed
NODE_MODULES := frontend/node_modules/.installed
PAGE := $(STATIC)/index.html

# Folders too, so that a removed file counts as a change.
PAGE_SOURCES := $(shell find frontend/src frontend/public -not -name '*.test.ts' -not -name '*.test.tsx' 2>/dev/null) \
	$(addprefix frontend/,index.html vite.config.ts tsconfig.json postcss.config.cjs)
PYTHON_SOURCES := src tests scripts hatch_build.py $(wildcard benchmarks)
PIP_INSTALL := $(BIN)/pip install --quiet --disable-pip-version-check --constraint requirements.lock
IN_FRONTEND := cd frontend && PATH="$(CURDIR)/$(VENV)/node/bin:$$PATH"
PYTEST := PATH="$(CURDIR)/$(VENV)/node/bin:$$PATH" $(BIN)/pytest

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules

##@ Use

.PHONY: run
run: $(RUNTIME) $(PAGE) ## Serve ChatSynth on http://localhost:8000 (HOST=, PORT=, DATA= to change)
	$(BIN)/chatsynth serve $(if $(HOST),--host '$(HOST)') $(if $(PORT),--port '$(PORT)') $(if $(DATA),--data '$(DATA)')

.PHONY: page
page: $(PAGE) ## Build the page into src/chatsynth/web/static

.PHONY: wheel
wheel: $(DEVELOPMENT) $(PAGE) ## Build dist/chatsynth-*.whl with the page and the migrations in it
	$(BIN)/python -m build --wheel --no-isolation --outdir dist .

##@ Check

.PHONY: test
test: lint types generate-check test-page page-weight test-python test-browser ## Run every check and every test

.PHONY: lint
lint: $(DEVELOPMENT) $(NODE_MODULES) ## Check style, import direction and dead files, in Python and the page
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-logo
	$(IN_FRONTEND) npm run --silent lint
	$(IN_FRONTEND) npm run --silent imports

.PHONY: types
types: $(DEVELOPMENT) $(NODE_MODULES) ## Check types with mypy and the TypeScript compiler
	$(BIN)/mypy $(PYTHON_SOURCES)
	$(IN_FRONTEND) npm run --silent types

.PHONY: generate-check
generate-check: $(DEVELOPMENT) $(NODE_MODULES) ## Check that generated documents and types match their sources
	PATH="$(CURDIR)/$(VENV)/node/bin:$$PATH" $(BIN)/python -m scripts.generate --check

.PHONY: test-python
test-python: $(DEVELOPMENT) $(NODE_MODULES) ## Run the Python tests: units, and whole servers over real sockets
	$(PYTEST) tests --ignore=tests/browser --numprocesses=2 --dist=worksteal $(ARGS)

.PHONY: test-page
test-page: $(NODE_MODULES) ## Run the page's unit tests
	$(IN_FRONTEND) npm run --silent test

.PHONY: test-browser
test-browser: $(DEVELOPMENT) $(PAGE) ## Run the tests in real browsers (CHATSYNTH_CHROMIUM= to choose one)
	chromium=$$(scripts/provide-chromium $(VENV)) && CHATSYNTH_CHROMIUM="$$chromium" $(PYTEST) tests/browser --numprocesses=2 --dist=worksteal $(ARGS)

.PHONY: page-weight
page-weight: $(DEVELOPMENT) $(PAGE) ## Show what a first visit to the page loads; too much is an error
	$(BIN)/python -m scripts.page_weight

.PHONY: bench
bench: $(DEVELOPMENT) $(PAGE) ## Measure speed and memory, and write benchmarks/results
	$(BIN)/python -m benchmarks

.PHONY: chaos
chaos: $(DEVELOPMENT) ## Let everything go wrong while people type, and count what is lost (MINUTES=, SEED= to change)
	$(BIN)/python -m tests.faults.chaos --minutes '$(MINUTES)' --seed '$(SEED)'

.PHONY: fuzz
fuzz: $(DEVELOPMENT) ## Send and import what is nearly right, with new seeds (MINUTES=, SEED= to change)
	$(BIN)/python -m scripts.fuzz --minutes '$(MINUTES)' --seed '$(SEED)'

.PHONY: soak
soak: $(DEVELOPMENT) ## Come, flood and go for MINUTES=, and print what stays in the server
	$(BIN)/python -m tests.faults.neighbours.soak --minutes '$(MINUTES)'

.PHONY: autobahn
autobahn: $(DEVELOPMENT) ## Run the Autobahn TestSuite against the WebSocket protocol (needs a Python 2.7; PYTHON27=, CASES=)
	PYTHON27='$(PYTHON27)' CASES='$(or $(CASES),*)' $(BIN)/python -m scripts.autobahn

##@ Develop

.PHONY: install
install: $(DEVELOPMENT) $(NODE_MODULES) ## Install everything that development needs

.PHONY: dev-page
dev-page: $(NODE_MODULES) ## Serve the page with live reload, beside a running `make run`
	$(IN_FRONTEND) npm run dev

.PHONY: format
format: $(DEVELOPMENT) $(NODE_MODULES) ## Rewrite the sources in the project's style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(IN_FRONTEND) npm run --silent format

.PHONY: generate
generate: $(DEVELOPMENT) $(NODE_MODULES) ## Write generated documents and types anew
	PATH="$(CURDIR)/$(VENV)/node/bin:$$PATH" $(BIN)/python -m scripts.generate

.PHONY: lock
lock: ## Take the newest Python packages that pyproject.toml allows into requirements.lock
	scripts/lock-requirements '$(PYTHON)'

.PHONY: clean
clean: ## Remove everything that was installed or built; data stays
	rm -rf $(VENV) frontend/node_modules $(STATIC) dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find src tests scripts benchmarks -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true

.PHONY: help
help: ## List these tasks
	@awk 'BEGIN { FS = ":.*## " } \
		/^##@/ { printf "\n%s\n", substr($$0, 5) } \
		/^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

# What the tasks stand on.

$(BIN)/python: | scripts/provide-venv
	scripts/provide-venv $(VENV) '$(PYTHON)'

$(RUNTIME): pyproject.toml requirements.lock hatch_build.py | $(BIN)/python
	$(PIP_INSTALL) --editable .
	@touch $@

$(DEVELOPMENT): pyproject.toml requirements.lock hatch_build.py | $(BIN)/python
	$(PIP_INSTALL) --editable '.[dev]'
	@touch $@ $(RUNTIME)

$(NODE): scripts/provide-node | $(BIN)/python
	scripts/provide-node $(VENV)

$(NODE_MODULES): frontend/package.json frontend/package-lock.json | $(NODE)
	$(IN_FRONTEND) npm ci --no-audit --no-fund
	@touch $@

$(PAGE): $(PAGE_SOURCES) $(NODE_MODULES)
	$(IN_FRONTEND) npm run --silent build
	@touch $@
