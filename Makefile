# What needs thought is in requirements/ (set-up) and in `manage.py serve`; this file names it.

.DEFAULT_GOAL := help
.PHONY: help run example test e2e bench consistency faults scale docs sbom coverage lint format lock clean

# The first Python that is new enough. Each candidate must answer: version managers leave shims of
# Pythons that are not there. They are asked once, when the answer is first needed.
PYTHON ?= $(eval PYTHON := $(shell for python in python3.13 python3.12 python3.11 python3 python; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 \
	&& echo $$python && exit; done; echo python3))$(PYTHON)
PORT ?= 8000
PORT_APP ?= 5173
MODE ?= header
ifndef CHROMIUM
CHROMIUM := $(shell command -v chromium || command -v chromium-browser || command -v google-chrome)
endif

VENV := .venv/bin/python

# $(call setup,STEPS)
define setup
	@command -v "$(PYTHON)" >/dev/null || { \
		echo "No Python was found. Install Python 3.11 or newer, or name one: make run PYTHON=..." >&2; \
		exit 1; }
	@"$(PYTHON)" requirements $(1)
endef

help: ## List the commands
	@awk -F ':.*## ' '/^[a-z0-9]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' Makefile

run: export DJANGO_DEBUG ?= true
run: ## Set up what is missing and serve on 127.0.0.1 (PORT=8000, WORKERS=2)
	$(call setup,run assets)
	@exec $(VENV) manage.py serve --prepare --port "$(PORT)"

example: export DJANGO_DEBUG ?= true
example: ## The same beside an example application (PORT_APP=5173, MODE=header or cookie)
	$(call setup,run assets example)
	@exec $(VENV) -m web.example.server --port "$(PORT)" --port-app "$(PORT_APP)" --mode "$(MODE)"

test: ## Set up what is missing and run the whole test suite on every database (PYTEST_ARGS=...)
	$(call setup,run dev docs sbom mariadb assets example webtest apollo)
ifeq ($(CHROMIUM)$(filter true,$(CI)),)
	@echo "Browser tests are left out. To run them too, install Chromium (or set CHROMIUM=...)."
	@$(VENV) -m tests --ignore=tests/e2e $(PYTEST_ARGS)
else
	@$(VENV) -m tests $(PYTEST_ARGS)
endif

e2e: ## Run the browser tests alone
	$(call setup,run dev docs assets example)
	@$(VENV) -m pytest tests/e2e $(PYTEST_ARGS)

bench: ## Measure us beside the usual answers, in process and over HTTP (BENCH_ARGS=...)
	$(call setup,run dev bench)
	@"$(PYTHON)" requirements apollo || echo "Apollo Server is left out." >&2
	@$(VENV) -m benchmarks --json benchmarks/figures.json --chart benchmarks/figures.png $(BENCH_ARGS)

consistency: ## Let clients race over many workers and check their record (CONSISTENCY_ARGS=...)
	$(call setup,run dev)
	@$(VENV) -m tests.consistency $(CONSISTENCY_ARGS)

faults: ## The same while parts are broken on purpose; print the table (FAULTS_ARGS=...)
	$(call setup,run dev)
	@$(VENV) -m tests.faults $(FAULTS_ARGS)

scale: ## Ask and purge with ten million rows on PostgreSQL (SCALE_ARGS=--rows 100000)
	$(call setup,run dev)
	@$(VENV) -m benchmarks.scale $(SCALE_ARGS)

docs: ## Build the documentation site in build/site
	$(call setup,run docs)
	@$(VENV) -m publish.site

sbom: ## Write what the API and the package are made of to build/sbom.json
	$(call setup,run sbom)
	@$(VENV) -m publish.sbom

coverage: ## Run the test suite and show which lines it does not reach
	$(call setup,run dev docs sbom assets example)
	@$(VENV) -m coverage run -m pytest $(PYTEST_ARGS)
	@$(VENV) -m coverage combine --quiet
	@$(VENV) -m coverage report

lint: ## Check style, types, the import law, migrations and production settings
	$(call setup,run dev typecheck)
	$(VENV) -m ruff format --check .
	$(VENV) -m ruff check .
	$(VENV) -m mypy
	.venv/bin/lint-imports
	$(VENV) manage.py makemigrations --check --dry-run
	@echo "$(VENV) manage.py check --deploy --fail-level WARNING"
	@env DJANGO_DEBUG=false ALLOWED_HOSTS=api.example.com HTTPS=true \
		DJANGO_SECRET_KEY="$$($(VENV) -c 'import secrets; print(secrets.token_urlsafe(64))')" \
		JWT_SECRET_KEY="$$($(VENV) -c 'import secrets; print(secrets.token_urlsafe(64))')" \
		$(VENV) manage.py check --deploy --fail-level WARNING

format: ## Rewrite the code as `make lint` wants it
	$(call setup,run dev)
	$(VENV) -m ruff check --fix-only .
	$(VENV) -m ruff format .

LOCK := .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-annotate --no-header $(LOCK_ARGS)

lock: ## Lock what pyproject.toml asks for (LOCK_ARGS=--upgrade takes the newest)
	$(call setup,run dev)
	$(LOCK) pyproject.toml --group api -o requirements/run.txt
	$(LOCK) pyproject.toml --group dev -c requirements/run.txt -o requirements/dev.txt
	$(LOCK) --group bench -c requirements/run.txt -c requirements/dev.txt -o requirements/bench.txt
	$(LOCK) --group docs -c requirements/run.txt -c requirements/dev.txt -o requirements/docs.txt
	$(LOCK) --group sbom -c requirements/run.txt -c requirements/dev.txt -c requirements/docs.txt -o requirements/sbom.txt
	$(LOCK) --group mariadb -o requirements/mariadb.txt
	$(LOCK) --group node -o requirements/node.txt

clean: ## Remove what set-up and tools made; databases stay
	rm -rf .venv web/node_modules web/*/node_modules benchmarks/over_http/apollo_server/node_modules
	rm -rf web/*/dist web/*.tgz api/static/graphiql build dist htmlcov
	rm -rf benchmarks/figures.* .coverage .coverage.* .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find api schema revocation tests benchmarks publish requirements web/example -name __pycache__ -prune -exec rm -rf {} +
