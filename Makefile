# What people and CI call. `make` alone explains.

# Where scripts/setup.sh puts PostgreSQL when it may not install packages.
export PATH := $(CURDIR)/.cache/postgresql/bin:$(HOME)/.cargo/bin:$(PATH)

# The development build of `make run` is there in half the time of an optimised one, and is fast
# enough to look around. For anything that is measured or deployed: make run PROFILE=release.
PROFILE ?= dev
CARGO ?= cargo
BUF ?= npx --yes --package=@bufbuild/buf@1.75.0 buf

.DEFAULT_GOAL := help
.PHONY: help run test bench lint format release

help: ## Show the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## Install what is missing, build, and serve with demo data on http://127.0.0.1:8080
	@scripts/setup.sh run
	@$(CARGO) run --quiet --locked --profile $(PROFILE) -- serve --demo

test: ## Install what the tests need, and run all of them
	@scripts/setup.sh test
	$(CARGO) test --locked --workspace

bench: ## Measure gRPC and JSON as ratios of pgbench on the same database
	@scripts/setup.sh bench
	$(CARGO) build --locked --release
	scripts/bench.sh

lint: ## Check format, lints, documentation and contracts
	$(CARGO) fmt --all --check
	$(CARGO) clippy --locked --workspace --all-targets -- --deny warnings
	RUSTDOCFLAGS='--deny warnings' $(CARGO) doc --locked --workspace --no-deps --document-private-items
	$(BUF) lint
	$(BUF) breaking --against '.git#branch=main'

format: ## Format the Rust code
	$(CARGO) fmt --all

release: ## Build target/release/steward, the one file to deploy
	$(CARGO) build --locked --release
