PYTHON ?= python3
VENV := .venv

install: $(VENV)/.installed frontend/node_modules/.installed  ## Install everything that development needs

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: pyproject.toml | $(VENV)/bin/python
	$(VENV)/bin/pip install --quiet --disable-pip-version-check -e '.[dev]'
	touch $@

$(VENV)/node/bin/node: scripts/provide-node | $(VENV)/bin/python
	scripts/provide-node $(VENV)

frontend/node_modules/.installed: frontend/package-lock.json | $(VENV)/node/bin/node
	cd frontend && PATH="$(CURDIR)/$(VENV)/node/bin:$$PATH" npm ci --no-audit --no-fund
	touch $@

.PHONY: install
