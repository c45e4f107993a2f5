# `make demo` and `make test` are the two commands of the README. Both do all set-up on a fresh clone.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do $$p -c "import sys; sys.exit(sys.version_info < (3,11))" 2>/dev/null && { echo $$p; break; }; done)
VENV := .venv
BIN := $(VENV)/bin
DEMO_DIR ?= demo-data

.PHONY: demo fleet-demo test quick soak fleet-soak walks unit-test fuzz bench bench-long docs lint lock screenshots clean check-python sip2-peer

# For a demo with sign-on, with the office, or with a cart of ten to withdraw: DEMO_OPTIONS=--sign-on, --office, --weeding
DEMO_OPTIONS ?=
demo: $(VENV)/.nfc
	$(BIN)/station demo --data $(DEMO_DIR) $(DEMO_OPTIONS)

# A center with three benches, and the office over all of them. Needs PostgreSQL 17 (Debian: postgresql-17), which may be stopped.
fleet-demo: $(VENV)/.nfc
	$(BIN)/station fleet demo

# Let Python keep its compiled files, even if the environment forbids it. Otherwise each of the tests' many processes compiles the
# station anew, and each worker compiles all tests: a third of the total cost. Git ignores __pycache__.
test quick soak walks: export PYTHONDONTWRITEBYTECODE :=

# Keep the tests' journals in memory (pytest's own variable) where there is room: writing them to a disk costs processor time, too.
test quick: export PYTEST_DEBUG_TEMPROOT := $(shell test "$$(df -k --output=avail /dev/shm 2>/dev/null | tail -n 1)" -gt 4000000 2>/dev/null && echo /dev/shm)

# Run one worker more than there are processors (pytest-xdist's own variable): many tests wait for a process.
test quick: export PYTEST_XDIST_AUTO_NUM_WORKERS := $(shell expr "$$(getconf _NPROCESSORS_ONLN)" + 1)

test: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	HYPOTHESIS_PROFILE=ci $(BIN)/python -m tests.support.again -q -m "not soak" -n auto --dist worksteal

# The half of the tests that starts few processes and paints no screens; another interpreter breaks these first. .ci/run runs it on
# one Python of each version that does not get the whole suite. Tests that read the source (architecture, docs, words) are left
# out, because they give the same result on each Python. A new folder of tests is included.
QUICK := $(filter-out $(addprefix tests/,architecture benchmarks cli demo docs drivers emulators examples fleet golden office reports runtime stories support sync tui vectors web),$(wildcard tests/[a-z]*[a-z]))
quick: $(VENV)/.dev
	HYPOTHESIS_PROFILE=ci $(BIN)/python -m pytest -q -m "not soak" -n auto --dist worksteal $(filter-out %.py,$(QUICK))

# Takes hours. Ctrl-C ends it; the next run on the same commit skips what has passed (tests/support/soaked.py). Runs SOAK_JOBS tests
# at a time. To run a part, name folders, files, or tests: make soak ONLY="tests/encoding -k tear".
SOAK_JOBS ?= auto
soak: $(VENV)/.dev
	HYPOTHESIS_PROFILE=soak $(BIN)/python -m pytest -p tests.support.soaked -m "soak or not soak" --timeout 3600 -n $(SOAK_JOBS) --dist worksteal $(ONLY)

# A center with 8 benches of 10,000 items each, and one with 30 of 500: lag, drain, memory, the projector's speed, and a scan beside
# a bench without a center. Fails if a figure misses its target. Needs an idle machine, PostgreSQL 17 and some 4 GB of disk.
FLEET_SOAK_OPTIONS ?=
fleet-soak: $(VENV)/.dev
	$(BIN)/python -m benchmarks.fleet $(FLEET_SOAK_OPTIONS)

# On a real terminal: every workflow at three sizes, and a student's first day with Help opened at each state. build/screens keeps the
# pictures of each step (.txt, .svg). The tests mostly wait for processes, so three run in parallel.
walks: $(VENV)/.dev
	$(BIN)/python -m tests.support.again --longest 1800 -q -m soak -k "not spanish and (workflows or not 160x45)" -n 3 --dist worksteal tests/stories/test_first_day.py tests/stories/test_workflows.py

# Install the last commit by docs/how-to/install.md on a fresh Debian 13 in a container; process items, kill, restart, restore, remove.
# Needs root, mmdebstrap, systemd-container and a network. The fresh Debian stays in STATION_UNIT_TEST_CACHE (build/unit-test).
unit-test: check-python
	$(PYTHON) -m scripts.unit_test

# Coverage-guided fuzzing of every decoder (atheris; x86-64 and aarch64 Linux). FUZZ_SECONDS is for all targets together.
FUZZ_SECONDS ?= 600
fuzz: $(VENV)/.fuzz
	$(BIN)/python -m fuzz --seconds $(FUZZ_SECONDS)

# With BASE=COMMIT, only what this commit and the tree have in common: five runs of each, in turns, and their ratios. ONLY names
# benchmarks: make bench BASE=main ONLY="imports lookup".
BASE ?=
bench: $(VENV)/.dev
ifneq ($(BASE),)
	$(BIN)/python -m benchmarks.beside $(BASE) --only "$(ONLY)"
else
	$(BIN)/python -m benchmarks
	$(BIN)/python -m benchmarks.reaction 30 feig
	$(BIN)/python -m benchmarks.reaction 30 3m
endif

# A million records, and 100,000 call numbers by both sides. Needs some 10 GB of disk for a while, and a quarter of an hour or more.
bench-long: $(VENV)/.dev
	$(BIN)/python -m benchmarks --long

screenshots: $(VENV)/.dev
	$(BIN)/python scripts/make_manual_pictures.py
	$(BIN)/python scripts/make_cast.py

# Build the pages as a site in build/site. Fails at a broken link or anchor. Has its own environment, without the station.
SITE := .venv-docs
docs: $(SITE)/.made
	$(PYTHON) scripts/make_site.py
	$(SITE)/bin/zensical build --strict --clean --config-file build/zensical.toml

$(SITE)/.made: requirements/docs.txt | check-python
	$(PYTHON) -m venv $(SITE)
	$(SITE)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps --only-binary :all: -r requirements/docs.txt
	@touch $@

lint: $(VENV)/.dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/mypy
	$(BIN)/lint-imports

check-python:
	@if [ -z "$(PYTHON)" ]; then echo "No Python found. Install Python 3.11 or newer (Debian: apt install python3 python3-venv)." >&2; exit 1; fi
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "$(PYTHON) is too old: the station needs Python 3.11 or newer. Name another one: make PYTHON=python3.12 ..." >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || \
	  { v=$$($(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])'); \
	    echo "$(PYTHON) cannot make virtual environments: the package python$$v-venv (python3-venv) is missing. Debian/Ubuntu: apt install python3-venv" >&2; exit 1; }

$(VENV)/.python: | check-python
	$(PYTHON) -m venv $(VENV)
	@touch $@

# The locks name every package, so pip resolves nothing (--no-deps). Its resolver looks at the newest release of a package that another
# one wants with an extra, and refuses it because no hash is locked.
$(VENV)/.run: $(VENV)/.python requirements/run.txt pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps --only-binary :all: -r requirements/run.txt
	PYTHONWARNINGS=ignore $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --no-index -e .
	@touch $@

# nfcpy needs pyDes, which is published as source only. It is built here with the setuptools of run.txt; its hash is locked.
$(VENV)/.nfc: $(VENV)/.run requirements/nfc.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps --no-build-isolation --only-binary :all: --no-binary pydes -r requirements/nfc.txt
	@touch $@

$(VENV)/.dev: $(VENV)/.nfc requirements/dev.txt requirements/axe.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps --only-binary :all: -r requirements/dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps --only-binary :all: -r requirements/axe.txt
	@touch $@

$(VENV)/.fuzz: $(VENV)/.dev requirements/fuzz.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps --only-binary :all: -r requirements/fuzz.txt
	@touch $@

# A SIP2 server by other people (invenio-sip2), in its own environment, because it needs Redis and 110 packages.
PEER := .venv-sip2
sip2-peer: $(PEER)/.made

$(PEER)/.made: requirements/sip2-peer.txt | check-python
	$(PYTHON) -m venv $(PEER)
	$(PEER)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps --prefer-binary -r requirements/sip2-peer.txt
	@touch $@

# Needs uv. The locks hold the hashes of the files for every platform (x86-64 and aarch64) and no index address.
lock: LEAVE := --no-emit-package nfcpy --no-emit-package ndeflib --no-emit-package libusb1 --no-emit-package pydes
lock:
	uv pip compile pyproject.toml --extra build --extra statistics --extra web --extra office --extra fleet --universal --generate-hashes --python-version 3.11 --no-header --no-annotate $(LEAVE) -q -o requirements/run.txt
	uv pip compile pyproject.toml --extra build --extra statistics --extra web --extra office --extra fleet --extra dev --universal --generate-hashes --python-version 3.11 --no-header --no-annotate $(LEAVE) -q -o requirements/dev.txt
	uv pip compile pyproject.toml --extra build --extra fuzz --universal --generate-hashes --python-version 3.11 --no-header --no-annotate $(LEAVE) -q -o requirements/fuzz.txt
	uv pip compile requirements/nfc.in --universal --generate-hashes --python-version 3.11 --no-header --no-annotate --no-emit-package pyserial -q -o requirements/nfc.txt
	$(BIN)/python -m scripts.sbom
	uv pip compile requirements/docs.in --universal --generate-hashes --python-version 3.11 --no-header --no-annotate -q -o requirements/docs.txt
	uv pip compile requirements/sip2-peer.in --universal --generate-hashes --python-version 3.11 --no-header --no-annotate -q -o requirements/sip2-peer.txt

clean:
	rm -rf $(VENV) $(PEER) $(SITE) $(DEMO_DIR) build *.egg-info
