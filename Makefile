# What people and CI call. `make` alone explains.

# Where scripts/setup.sh puts PostgreSQL when it may not install packages.
export PATH := $(CURDIR)/.cache/postgresql/bin:$(HOME)/.cargo/bin:$(PATH)

# The development build of `make run` is there in half the time of an optimised one, and is fast
# enough to look around. For anything that is measured or deployed: make run PROFILE=release.
PROFILE ?= dev
CARGO ?= cargo

# Says what comes next, in a long output.
heading = @printf '\n=== %s\n' '$(1)'

.DEFAULT_GOAL := help
.PHONY: help run test bench torture lint format release

help: ## Show the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## Install what is missing, build, and serve with demo data on http://127.0.0.1:8080
	@scripts/setup.sh run
	@$(CARGO) run --quiet --locked --profile $(PROFILE) -- serve --demo

test: ## Install what the tests need, and run all of them
	@scripts/setup.sh test
	$(call heading,Rust: every room and the server from outside)
	$(CARGO) test --locked --workspace
	$(call heading,Real clients: a browser and buf and Python)
	$(CARGO) build --locked --quiet
	node --test --test-reporter=spec tests/tools/*.test.mjs tests/browser/*.test.js
	$(call heading,The measurements: that they run)
	node tests/bench/bench.mjs --short

bench: ## Measure all protocols against PostgreSQL alone and against alternatives (tests/bench)
	@scripts/setup.sh bench
	$(CARGO) build --locked --release
	STEWARD_BIN=target/release/steward node tests/bench/bench.mjs

torture: ## Kill, starve, cut off and overload the server, and look for what is lost (tests/torture)
	@scripts/setup.sh torture
	$(CARGO) build --locked --release
	STEWARD_BIN=target/release/steward node tests/torture/torture.mjs
	$(call heading,All tests from outside with PgBouncer before the database)
	STEWARD_TEST_POOLER=$$(PATH="$$PATH:/usr/sbin" command -v pgbouncer) \
	  $(CARGO) test --locked --test integration

lint: ## Check format, lints, documentation and contracts
	@scripts/setup.sh lint
	$(call heading,Rust: format)
	$(CARGO) fmt --all --check
	$(call heading,Rust: lints)
	$(CARGO) clippy --locked --workspace --all-targets -- --deny warnings
	$(call heading,Rust: documentation)
	RUSTDOCFLAGS='--deny warnings' $(CARGO) doc --locked --workspace --no-deps --document-private-items
	$(call heading,Contracts)
	tests/tools/contract.sh

format: ## Format the Rust code and the contracts
	@scripts/setup.sh lint
	$(CARGO) fmt --all
	tests/browser/node_modules/.bin/buf format --write

release: ## Build target/release/steward, the one file to deploy
	$(CARGO) build --locked --release
