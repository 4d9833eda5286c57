# `make run` and `make test` need Python 3.11+ and make; everything else is installed into .venv.

PYTHON ?= python3
UV := $(shell command -v uv 2> /dev/null || echo .venv/bin/uv)
BIN := .venv/bin
INSTALL = $(UV) pip sync --quiet --python $(BIN)/python --require-hashes --compile-bytecode

.DEFAULT_GOAL := help
.PHONY: help run test test-fast test-deep faults test-servers test-duckdb2 bench bench-full lint format docs dashboard catalogue ui lock clean

help: ## this list
	@grep -hE '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/:/' | column -t -s ':'

run: .venv/run ## close the demo CRM's last twelve months and show the figures
	@$(BIN)/crm-marts demo

test: .venv/dev ## all tests that this machine can run
	@$(BIN)/pytest -n 2 --dist loadscope --no-loadscope-reorder

test-fast: .venv/dev ## tests that close no whole month
	@$(BIN)/pytest -n 2 --dist loadscope --no-loadscope-reorder -m 'not slow and not deep and not faults'

test-deep: .venv/dev ## two hundred random companies against the oracle, a hundred closed month by month, upgrades, broken and large files
	@$(BIN)/pytest -n 2 --dist loadscope -m deep

faults: .venv/dev ## two hundred kills of a close at random moments, while readers look on
	@FAULTS=200 $(BIN)/pytest -m faults

test-servers: .venv/dev .venv-spark/spark ## models and closes on PostgreSQL and Spark, publication and roles on PostgreSQL; needs Java 17
	@$(BIN)/pytest -n 2 --dist loadscope --no-loadscope-reorder -m 'postgres or engines'

test-duckdb2: .venv-duckdb2/dev ## landing, checks, close and publication on DuckDB 2
	@.venv-duckdb2/bin/pytest -n 2 --dist loadscope --no-loadscope-reorder tests/test_landing.py tests/test_landing_files.py tests/test_landing_json.py tests/test_raw_door.py tests/test_mart_door.py tests/test_openings.py

bench: .venv/dev ## the models beside hand-written SQL, pandas and Polars, and a close beside dbt; fails on wrong rows alone
	@$(BIN)/python -m benchmarks.build 500000
	@$(BIN)/python -m benchmarks.overhead --runs 1
	@$(BIN)/python -m benchmarks.close 100000 --months 12 48

bench-full: .venv/dev ## how cost grows up to fifty million interactions; hours
	@for interactions in 5000000 20000000 50000000; do $(BIN)/python -m benchmarks.build $$interactions --without-peers || exit; done
	@$(BIN)/python -m benchmarks.overhead
	@$(BIN)/python -m benchmarks.close 2000000 --months 12 48 --runs 3
	@$(BIN)/python -m benchmarks.close 500000 --months 48 --late-share 0.01
	@$(BIN)/python -m benchmarks.close 500000 --months 48 --month 2025-12
	@$(BIN)/python -m benchmarks.close 500000 --months 48 --complete

lint: .venv/dev ## ruff, mypy, sqlfluff, yamllint
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/yamllint --strict .
	$(BIN)/python tools/lint_sql.py lint

format: .venv/dev ## let ruff and sqlfluff mend what they can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

ui: .venv/run ## Dagster's web page with the schedule daemon, on localhost:3000
	@$(BIN)/crm-marts ui

dashboard: .venv/dashboard ## pages over the published marts, on localhost:8501
	@$(BIN)/streamlit run dashboard/app.py --server.address 127.0.0.1 --server.headless true \
		--client.toolbarMode minimal --browser.gatherUsageStats false

docs: .venv/run ## dbt docs as one page in var/dbt/target/static_index.html
	@$(BIN)/crm-marts prepare
	@$(BIN)/crm-marts dbt docs generate --static

catalogue: .venv/dev ## docs/catalogue.md and docs/superset anew from the models
	@$(BIN)/python -m tools.write_catalogue
	@$(BIN)/python -m tools.write_superset

lock: .venv/dev ## resolve the dependencies of pyproject.toml anew
	$(UV) pip compile pyproject.toml --extra build --extra dashboard --extra postgres --extra spark --extra dev -c requirements/pins.txt $(LOCK) -o requirements/dev.txt
	$(UV) pip compile pyproject.toml --extra build --extra dashboard -c requirements/dev.txt $(LOCK) -o requirements/dashboard.txt
	$(UV) pip compile pyproject.toml --extra build -c requirements/dev.txt $(LOCK) -o requirements/run.txt
	echo 'pyspark>=4.3,<4.4' | $(UV) pip compile - $(LOCK) -o requirements/spark.txt
	echo 'duckdb>=2,<3' | $(UV) pip compile - $(LOCK) -o requirements/duckdb2.txt
	echo 'uv>=0.13' | $(UV) pip compile - $(LOCK) -o requirements/uv.txt
LOCK = --universal --generate-hashes --no-emit-index-url --no-header --quiet --upgrade

clean: ## remove the environments and all data of the demo
	rm -rf .venv .venv-duckdb2 .venv-spark var

.venv/python:
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed: make PYTHON=python3.12 ...") if sys.version_info < (3, 11) else None'
	@$(PYTHON) -m venv .venv
	@command -v uv > /dev/null || $(BIN)/pip install --quiet --require-hashes -r requirements/uv.txt
	@touch $@

.venv/run: .venv/python requirements/run.txt pyproject.toml
	@test -e .venv/dev || $(INSTALL) requirements/run.txt
	@$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

.venv/dashboard: .venv/run requirements/dashboard.txt
	@test -e .venv/dev || $(INSTALL) requirements/dashboard.txt
	@$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

.venv/dev: .venv/python requirements/dev.txt pyproject.toml
	@$(INSTALL) requirements/dev.txt
	@$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@ .venv/run

.venv-duckdb2/dev: .venv/dev requirements/duckdb2.txt
	@$(PYTHON) -m venv .venv-duckdb2
	@$(UV) pip sync --quiet --python .venv-duckdb2/bin/python --require-hashes --compile-bytecode requirements/dev.txt
	@$(UV) pip install --quiet --python .venv-duckdb2/bin/python --require-hashes --no-deps -r requirements/duckdb2.txt
	@$(UV) pip install --quiet --python .venv-duckdb2/bin/python --no-deps --no-build-isolation --editable .
	@touch $@

# Beside Great Expectations, Spark's package would keep it from working.
.venv-spark/spark: .venv/python requirements/spark.txt
	@$(PYTHON) -m venv .venv-spark
	@$(UV) pip sync --quiet --python .venv-spark/bin/python --require-hashes requirements/spark.txt
	@touch $@
