# TuneTrace: `make run` serves it, `make test` tests it. Both set up all they need in .venv.

PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
export HOST PORT
# Where this is set, each process would compile all modules again, which takes a second and more.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run demo test test-rest test-browser test-slow screenshots lint lint-types lint-rest lock audit format check clean

run: $(VENV)/.run-ready  ## Bring the database up to date and serve on http://HOST:PORT.
	@DEBUG=$${DEBUG:-true} exec $(BIN)/python manage.py serve

DEMO := DEBUG=true STATE_DIR=var/demo SQLITE_DATABASE_URL=sqlite:///var/demo/app.db \
	POSTGRES_DATABASE_URL= DATABASE_URL= REDIS_URL=

demo: $(VENV)/.run-ready  ## Serve a site with made-up listeners and an operator, to look around.
	@mkdir -p var/demo
	@$(DEMO) $(BIN)/python manage.py serve --prepare-only
	@$(DEMO) $(BIN)/python manage.py demo
	@$(DEMO) exec $(BIN)/python manage.py serve

# In CI a test that fails runs once more, and the summary names it: docs/choices.md says why.
RERUN := $(if $(CI),--reruns 1 -r R)

test: $(VENV)/.test-ready  ## Run the whole test suite but the long load and fault runs.
	@# At once, since each of the two waits a quarter of its time for servers, pages and databases.
	@$(MAKE) --no-print-directory --jobs 2 test-rest test-browser

test-rest: $(VENV)/.test-ready
	@# In the order of their names: by their number, files of one long test would come last.
	@# Four processes also on two cores: many tests wait for servers that die and come back.
	@$(BIN)/python -m pytest $(RERUN) -n 4 --dist loadfile --no-loadscope-reorder --ignore tests/browser

# The browser's driver keeps an event loop in its thread: its tests have a process of their own. What
# they say comes in one piece, in between what the others say.
test-browser: $(VENV)/.test-ready
	@said=$$(mktemp) status=0; $(BIN)/python -m pytest $(RERUN) tests/browser >$$said 2>&1 || status=$$?; \
		cat $$said; rm $$said; exit $$status

test-slow: $(VENV)/.test-ready  ## Run the long load and fault runs.
	@$(BIN)/python -m pytest -m slow

lint: $(VENV)/.test-ready  ## Check style, types, layers, templates, OpenAPI, image, migrations and deployment settings.
	@# The types take as long as all the rest.
	@$(MAKE) --no-print-directory --jobs 2 --output-sync lint-types lint-rest

lint-types: $(VENV)/.test-ready
	@$(BIN)/mypy

lint-rest: $(VENV)/.test-ready
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/lint-imports
	@$(BIN)/djlint templates --check --lint --quiet
	@$(BIN)/python manage.py spectacular --fail-on-warn | $(BIN)/openapi-spec-validator -
	@$(BIN)/hadolint Dockerfile
	@$(BIN)/bandit --quiet --severity-level medium --configfile pyproject.toml --recursive \
		music accounts tunetrace_site manage.py
	@$(BIN)/python manage.py makemigrations --check --dry-run
	@DEBUG=false HTTPS=true ALLOWED_HOSTS=music.example.org EMAIL_URL=smtp+tls://mail.example.org \
		DEFAULT_FROM_EMAIL=music@example.org SECRET_KEY=$$(head -c 48 /dev/urandom | base64) \
		$(BIN)/python manage.py check --deploy --fail-level WARNING

screenshots: $(VENV)/.test-ready  ## Take pictures of the operators' pages of a site that `make demo` serves.
	@$(BIN)/python -m tests.browser.operators http://$(HOST):$(PORT) $(EMAIL) $(PASSWORD)

lock: $(VENV)/.test-ready  ## Choose the versions that `make run` and the image install, with their hashes.
	@$(BIN)/uv pip compile requirements.txt --output-file requirements.lock --universal --upgrade \
		--python-version 3.11 --generate-hashes --custom-compile-command "make lock" --quiet

audit: $(VENV)/.test-ready  ## Ask for known vulnerabilities of the locked versions; fails if there is one, or if it cannot ask.
	@$(BIN)/python tests/audit_dependencies.py

format: $(VENV)/.test-ready  ## Put code and templates in the house style.
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .
	@$(BIN)/djlint templates --reformat --quiet

check: lint test  ## Everything that CI checks.

clean:  ## Remove what the other targets made, but never a database.
	rm -rf $(VENV) var/index .pytest_cache .ruff_cache .mypy_cache .hypothesis staticfiles

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "TuneTrace needs Python 3.11 or newer, and $(PYTHON) is not: name one, as in" \
		"make run PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' || { \
		echo "$(PYTHON) cannot make virtual environments: install its venv module" \
		"(Debian, Ubuntu: apt install python3-venv)"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run-ready: requirements.lock | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

# What is tested are the locked versions, those that run.
$(VENV)/.test-ready: requirements.lock requirements.txt requirements-dev.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@tests/install_chromium.sh
	@touch $@
