PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
CORE := $(VENV)/.core
READY := $(VENV)/.ready
# Generated parts of these pages stand between [[[cog and [[[end]]] comments; scripts/ has the functions they call.
COG := $(BIN)/cog -P -I scripts
PAGES := README.md src/imagemood/builtin/README.md $(wildcard docs/*.md)
# Lets PyTorch use large pages: otherwise, half of the time of a training step is spent on new pages of memory.
LARGE_PAGES := THP_MEM_ALLOC_ENABLE=1
# Three processes, because many tests wait. Each takes tests that follow each other, since they share fixtures.
TESTS := pytest -n 3 --dist worksteal
# Compiled modules are kept, because the tests start hundreds of processes.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo page test coverage fuzz lowest audit check check-types check-others format generate api-types docs notebooks proto bench network wheel release-check sizes clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "make: $(PYTHON) is older than Python 3.11; use a newer one: make PYTHON=python3.12 …" >&2; exit 2; }
	@$(PYTHON) -m venv $(VENV)

INSTALL := IMAGEMOOD_WITHOUT_PAGE=1 $(BIN)/python -m pip install --quiet --disable-pip-version-check --editable
# The package alone, which is enough for the demonstration. Everything that development needs takes much longer.
$(CORE): pyproject.toml | $(BIN)/python
	@echo "Installing into $(VENV) (first run only) …" >&2
	@$(INSTALL) . --no-compile
	@touch $@

# uv installs the dependencies in half of the time that pip takes, but it does not read the settings of pip.
EMPTY :=
COMMA := ,
pip_setting = $(subst $(EMPTY) $(EMPTY),$(COMMA),$(strip $(or \
  $(PIP_$1),$(shell $(BIN)/python -m pip config get global.$2 2>/dev/null))))
uv_setting = $(if $2,$1='$2')
UV = UV_INDEX_STRATEGY=unsafe-best-match \
  $(call uv_setting,UV_DEFAULT_INDEX,$(call pip_setting,INDEX_URL,index-url)) \
  $(call uv_setting,UV_INDEX,$(call pip_setting,EXTRA_INDEX_URL,extra-index-url)) \
  $(call uv_setting,UV_FIND_LINKS,$(call pip_setting,FIND_LINKS,find-links)) $(BIN)/uv

# The package itself is installed by pip, because its messages name the command that installed it.
$(READY): pyproject.toml | $(BIN)/python
	@echo "Installing everything for development into $(VENV) (first run only; several minutes) …" >&2
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	@$(UV) pip install --quiet --compile-bytecode --python $(BIN)/python --requirement pyproject.toml --extra dev || \
	  { echo "make: uv failed; trying pip, which takes longer …" >&2; $(INSTALL) '.[dev]'; }
	@$(INSTALL) . --no-deps
	@touch $@ $(CORE)

demo: $(CORE) ## Classify the sample pictures
	@$(BIN)/imagemood demo

page: $(READY) ## Build the web page
	@needs=$$($(BIN)/python web/build_page.py --needs) && if [ -n "$$needs" ]; then \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check "$$needs"; fi
	@$(BIN)/python web/build_page.py

test: $(READY) page ## Run the tests, including the doctests
	@$(BIN)/python -m $(TESTS)

coverage: $(READY) page ## Run the tests and list the lines and branches that they do not reach
	@$(BIN)/python -m $(TESTS) --cov --cov-report=term

FUZZ_SECONDS ?= 600
fuzz: $(READY) ## Fuzz all parsers of untrusted input (FUZZ_SECONDS=seconds for each; needs Linux or macOS)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check 'atheris>=3.0'
	@$(BIN)/python -m tests.fuzzing.fuzz --all -max_total_time=$(FUZZ_SECONDS)

LOWEST := .venv-lowest
$(LOWEST)/versions.txt: $(READY) scripts/runtime_requirements.py
	@$(PYTHON) -m venv $(LOWEST) && $(LOWEST)/bin/python -m pip install --quiet --disable-pip-version-check uv pip-audit
	@$(BIN)/python scripts/runtime_requirements.py | $(LOWEST)/bin/uv pip compile --quiet --no-header --no-annotate \
	  --python $(LOWEST)/bin/python --resolution lowest-direct --output-file $@ -

lowest: $(LOWEST)/versions.txt page ## Run the tests with the lowest allowed versions of the dependencies
	@IMAGEMOOD_WITHOUT_PAGE=1 $(LOWEST)/bin/uv pip install --quiet --python $(LOWEST)/bin/python \
	  --overrides $(LOWEST)/versions.txt --editable '.[dev]'
	@$(LOWEST)/bin/python -m $(TESTS)

audit: $(LOWEST)/versions.txt ## Look for known vulnerabilities in the dependencies, in their newest and lowest versions
	@$(LOWEST)/bin/pip-audit --skip-editable --path $(VENV)/lib/python*/site-packages
	@$(LOWEST)/bin/pip-audit --no-deps --disable-pip --requirement $(LOWEST)/versions.txt

# The types take longer than everything else together.
check: $(READY) page ## Check style, types, import rules, docstrings, generated docs, module sizes and the wheel
	@$(MAKE) --no-print-directory --jobs 2 check-types check-others

check-types: $(READY)
	@$(BIN)/mypy

check-others: $(READY) page
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/python scripts/openapi_document.py --check
	@$(BIN)/python web/build_page.py --check
	@$(BIN)/lint-imports >/dev/null || $(BIN)/lint-imports
	@$(COG) --check --check-fail-msg='run make generate' --verbosity=0 $(PAGES)
	@$(BIN)/python scripts/requirement_files.py --check
	@$(BIN)/python scripts/check_docstrings.py
	@$(BIN)/python scripts/check_project.py

format: $(READY) ## Format the code
	@$(BIN)/ruff check --fix --quiet . && $(BIN)/ruff format --quiet .

api-types: $(READY) page ## Generate the types of the page's requests and responses from the routes of the service
	@$(BIN)/python scripts/openapi_document.py
	@$(BIN)/python web/build_page.py --types

generate: $(READY) page api-types ## Update requirements.txt, environment.yml, and the generated parts of README.md and docs/
	@$(COG) -r --verbosity=1 $(PAGES)
	@$(BIN)/python scripts/requirement_files.py
	@$(BIN)/python scripts/readme_outputs.py
	@$(BIN)/python scripts/draw_demo.py
	@$(BIN)/python scripts/draw_heat_map.py
	@$(BIN)/python scripts/draw_page.py
	@$(BIN)/python scripts/draw_diagrams.py

docs: $(READY) ## Build the documentation site in build/site/; warnings and broken links are errors
	@$(BIN)/python -m sphinx --builder html --fail-on-warning --quiet --doctree-dir build/doctrees docs build/site
	@echo "Open build/site/index.html in a browser."

notebooks: $(READY) ## Execute the notebooks and the tutorial of the documentation, and save their outputs
	@$(BIN)/python scripts/run_notebooks.py
	@$(BIN)/python scripts/run_tutorial.py

# An old compiler, because its output works with old and new versions of protobuf.
proto: ## Generate the protobuf message classes from proto/
	@$(PYTHON) -m venv .venv-proto && .venv-proto/bin/pip install --quiet grpcio-tools==1.49.1 'setuptools<70'
	@.venv-proto/bin/python -m grpc_tools.protoc -Iproto --python_out=.venv-proto --pyi_out=.venv-proto imagemood.proto
	@sed "s/'imagemood_pb2'/'imagemood.tables.messages_pb2'/" .venv-proto/imagemood_pb2.py > src/imagemood/tables/messages_pb2.py
	@cp .venv-proto/imagemood_pb2.pyi src/imagemood/tables/messages_pb2.pyi
	@cp proto/imagemood.proto src/imagemood/tables/messages.proto

BENCH := .venv-bench/bin/python
BENCH_OPTIONS := $(if $(BENCH_PHOTOS),--photos $(BENCH_PHOTOS))
bench: $(READY) ## Compare the speed with alternatives (half an hour; optional: BENCH_PHOTOS=folder of JPEG files)
	@$(PYTHON) -m venv .venv-bench
	@IMAGEMOOD_WITHOUT_PAGE=1 $(BENCH) -m pip install --quiet --disable-pip-version-check \
	  --editable . --requirement benchmarks/requirements.txt
	@$(BENCH) benchmarks/startup.py
	@$(BENCH) benchmarks/photo_throughput.py $(BENCH_OPTIONS)
	@$(BENCH) benchmarks/scaling.py $(BENCH_OPTIONS)
	@$(BENCH) benchmarks/tag_rows.py

PHOTOS ?= photos
WORK ?= network-work
TRAIN := .venv-network/bin/python
FOLDS := 0 1 2 3 4
network: $(READY) ## Retrain and evaluate the built-in models (PHOTOS=folder with a subfolder per mood)
	@$(PYTHON) -m venv .venv-network && IMAGEMOOD_WITHOUT_PAGE=1 $(TRAIN) -m pip install --quiet \
	  --editable . --requirement training/requirements.txt
	@set -e; for part in $(FOLDS) none; do \
	  soft=$(WORK)/soft/soft_targets_$$part.npz; \
	  test -e $$soft || $(TRAIN) training/soft_targets.py $(PHOTOS) --work $(WORK)/soft --trained-on $$part; \
	  $(LARGE_PAGES) $(TRAIN) training/train_network.py $(PHOTOS) --views $(WORK)/views --work $(WORK)/$$part \
	    --trained-on $$part --soft-targets $$soft; \
	  $(TRAIN) training/export_network.py --checkpoint $(WORK)/$$part/checkpoint.pt -o $(WORK)/exported/$$part; \
	done
	@cp $(WORK)/exported/none/network.* src/imagemood/builtin/
	@set -e; for size in lite0 lite1 lite2; do \
	  $(TRAIN) training/export_network.py --size $$size -o $(WORK)/published/$$size; done
	@$(BIN)/python training/build_mood_classifiers.py $(PHOTOS) -o src/imagemood/builtin \
	  --predictions $(FOLDS:%=$(WORK)/%/predictions.npz)
	@$(BIN)/python training/evaluate_network.py $(PHOTOS) --folds $(WORK)/exported --published $(WORK)/published \
	  --work $(WORK)/evaluation --runs $(FOLDS:%=$(WORK)/%) $(WORK)/none

wheel: $(READY) ## Build the wheel in dist/
	@$(BIN)/python -m build --wheel --outdir dist .

release-check: $(READY) page ## Build the release twice and check all of it: versions, metadata, contents, installation
	@$(BIN)/python scripts/release_check.py

sizes: $(READY) ## Measure the size of the installation with each extra (several gigabytes of downloads)
	@$(BIN)/python scripts/install_sizes.py

clean: ## Remove the environment and all build output
	@rm -rf $(VENV) $(LOWEST) dist build web/node_modules src/imagemood/serve/static
