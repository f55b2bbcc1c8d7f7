PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# Keeps what a training step frees, instead of asking the system for it again.
MALLOC := MALLOC_MMAP_THRESHOLD_=4000000000 MALLOC_TRIM_THRESHOLD_=8000000000 MALLOC_TOP_PAD_=500000000

.PHONY: help demo page test check format docs proto bench network wheel clean

help: ## Say what each target does
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

$(READY): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "make: $(PYTHON) is older than Python 3.11; name a newer one: make PYTHON=python3.12 …" >&2; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing into $(VENV) (once) …" >&2
	@IMAGEMOOD_WITHOUT_PAGE=1 $(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

demo: $(READY) ## Tell the moods of the sample pictures
	@$(BIN)/imagemood demo

page: $(READY) ## Build the web page into the package
	@needs=$$($(BIN)/python web/build_page.py --needs) && if [ -n "$$needs" ]; then \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check "$$needs"; fi
	@$(BIN)/python web/build_page.py

test: $(READY) page ## Run the tests and all doctests
	@$(BIN)/python -m pytest -n 2

check: $(READY) page ## Lint, format, types, import rules, sizes, stale docs, wheel
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/mypy
	@$(BIN)/python web/build_page.py --check
	@$(BIN)/lint-imports >/dev/null || $(BIN)/lint-imports
	@$(BIN)/python scripts/cli_reference.py --check
	@$(BIN)/python scripts/figures.py --check
	@$(BIN)/python scripts/check_project.py

format: $(READY) ## Format the code
	@$(BIN)/ruff check --fix --quiet . && $(BIN)/ruff format --quiet .

docs: $(READY) ## Write the generated parts of README.md and docs/
	@$(BIN)/python scripts/cli_reference.py
	@$(BIN)/python scripts/figures.py
	@$(BIN)/python scripts/demo_picture.py

proto: ## Write the message classes from proto/ (an old compiler, so that they load on old and new protobuf)
	@$(PYTHON) -m venv .venv-proto && .venv-proto/bin/pip install --quiet grpcio-tools==1.49.1 'setuptools<70'
	@.venv-proto/bin/python -m grpc_tools.protoc -Iproto --python_out=.venv-proto --pyi_out=.venv-proto imagemood.proto
	@sed "s/'imagemood_pb2'/'imagemood.tables.messages_pb2'/" .venv-proto/imagemood_pb2.py > src/imagemood/tables/messages_pb2.py
	@cp .venv-proto/imagemood_pb2.pyi src/imagemood/tables/messages_pb2.pyi
	@cp proto/imagemood.proto src/imagemood/tables/messages.proto

BENCH := .venv-bench/bin/python
BENCH_ON := $(if $(BENCH_PHOTOS),--photos $(BENCH_PHOTOS))
bench: $(READY) ## Measure speed, side by side with the alternatives (half an hour; BENCH_PHOTOS=folder of JPEG files)
	@$(PYTHON) -m venv .venv-bench
	@IMAGEMOOD_WITHOUT_PAGE=1 $(BENCH) -m pip install --quiet --disable-pip-version-check \
	  --editable '.[samples]' --requirement benchmarks/requirements.txt
	@$(BENCH) benchmarks/startup.py
	@$(BENCH) benchmarks/photos.py $(BENCH_ON)
	@$(BENCH) benchmarks/growth.py $(BENCH_ON)
	@$(BENCH) benchmarks/rows.py

PHOTOS ?= photos
WORK ?= network-work
TRAIN := .venv-network/bin/python
network: $(READY) ## Train the built-in network and its moods anew on PHOTOS=folder, and measure them
	@$(PYTHON) -m venv .venv-network && $(TRAIN) -m pip install --quiet --requirement training/requirements.txt
	@mkdir -p $(WORK)
	@test -e $(WORK)/soft_targets.npz || $(TRAIN) training/soft_targets.py $(PHOTOS) -o $(WORK)/soft_targets.npz
	@$(MALLOC) $(TRAIN) training/train_network.py $(PHOTOS) --work $(WORK) --soft-targets $(WORK)/soft_targets.npz
	@$(TRAIN) training/export_network.py --checkpoint $(WORK)/checkpoint.pt -o src/imagemood/builtin
	@for size in lite0 lite1 lite2; do $(TRAIN) training/export_network.py --size $$size -o $(WORK)/published/$$size; done
	@$(BIN)/python training/build_moods.py $(PHOTOS) -o src/imagemood/builtin
	@$(BIN)/python training/measure_network.py $(PHOTOS) --published $(WORK)/published

wheel: $(READY) ## Build the wheel into dist/
	@$(BIN)/python -m build --wheel --outdir dist .

clean: ## Remove the environment and what was built
	@rm -rf $(VENV) dist build web/node_modules src/imagemood/serve/static
