# Every target does its own set-up; `make help` lists them.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

PREFIX ?= /usr/local
BIN := .build/release/omcops
# Says which commit a binary is made of. Only the one C file that holds it is compiled again when it
# changes, and only release builds carry it: debug builds and tests stay as they are.
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo 0.1.0-dev)

# What a command costs before it does anything is what the loader does, and how many pages it
# touches: small code, libpq, the compressors and the C++ library linked in like Swift's own, symbols
# that are nobody's business hidden, and an executable at a fixed place, as Go's are, that needs no
# relocation and whose loader does not look beside it for the C library. Swift throws without
# unwinding: the tables for it, a sixth of the file, are left out. The functions that short commands
# call stand side by side; the first build finds out which they are. The argument parser's few uses of
# FoundationEssentials are served by a module of our own, which has to be there first: three megabytes.
ARCHIVES := .build/archives
ORDER := .build/function-order
RELEASE := -c release --static-swift-stdlib --disable-local-rpath -Xswiftc -Osize \
  -Xswiftc -use-ld=lld \
  -Xswiftc -Xfrontend -Xswiftc -function-sections \
  -Xswiftc -module-alias -Xswiftc FoundationEssentials=SmallFoundation \
  $(addprefix -Xswiftc ,-Xclang-linker -no-pie -Xclang-linker -static-libgcc -L$(ARCHIVES)) \
  $(addprefix -Xlinker ,--icf=all --no-export-dynamic --exclude-libs=ALL \
    --no-eh-frame-hdr -Tscripts/no-unwind-tables.ld)

swift_build = PKG_CONFIG_PATH=$(CURDIR)/$(ARCHIVES) OMCOPS_VERSION=$(VERSION) \
  swift build $(RELEASE)
swift_build_all = $(swift_build) --target SmallFoundation && $(swift_build) --product omcops

.PHONY: build
build: deps ## Build the release binary, .build/release/omcops
	@scripts/link-archives $(ARCHIVES)
	@[ -e $(ORDER) ] || { $(swift_build_all) && scripts/order-functions $(BIN) $(ORDER); }
	@$(swift_build) --target SmallFoundation
	@$(swift_build) --product omcops $(addprefix -Xlinker ,--symbol-ordering-file=$(ORDER) --no-warn-symbol-ordering)

.PHONY: demo
demo: build ## Lose data in a throwaway database and get it back
	@scripts/demo

.PHONY: test
test: ## Run the whole test suite against real servers
	@scripts/install-deps --tests
	@swift build --build-tests
	@scripts/test

.PHONY: bench
bench: build ## Measure against psql, pg_dump, pg_restore and kubectl
	@Benchmarks/run

.PHONY: bench-kube
bench-kube: build ## Do the same as kubectl on the cluster of OMCOPS_TEST_KUBECONFIG and compare
	@Benchmarks/kube/run --omcops $(BIN)
	@Benchmarks/logs/exactly-once --omcops $(BIN)

.PHONY: bench-alembic
bench-alembic: build ## Run real Alembic projects through omcops and Alembic and compare
	@Benchmarks/alembic/run --omcops $(BIN)

.PHONY: bench-fidelity
bench-fidelity: build ## Take real databases through omcops and compare what comes back
	@Benchmarks/fidelity/run

.PHONY: bench-tests
bench-tests: build ## Run the tests of Examples/coins beside pytest-xdist and compare
	@Benchmarks/tests/run --omcops $(BIN)

.PHONY: bench-suites
bench-suites: build ## Run the tests of real projects with omcops test and plain pytest and compare
	@Benchmarks/tests/suites/run --omcops $(BIN)

.PHONY: pages
pages: build ## Render the runbooks into docs/runbooks
	@$(BIN) runbook doc --to docs/runbooks

.PHONY: install
install: build ## Install binary, completions and runbooks (PREFIX, DESTDIR)
	@install -D -m 755 -s $(BIN) $(DESTDIR)$(PREFIX)/bin/omcops
	@install -d $(addprefix $(DESTDIR)$(PREFIX)/share/,bash-completion/completions \
	  zsh/site-functions fish/vendor_completions.d omcops/runbooks)
	@$(BIN) --generate-completion-script bash >$(DESTDIR)$(PREFIX)/share/bash-completion/completions/omcops
	@$(BIN) --generate-completion-script zsh >$(DESTDIR)$(PREFIX)/share/zsh/site-functions/_omcops
	@$(BIN) --generate-completion-script fish >$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/omcops.fish
	@install -m 644 runbooks/*.yaml $(DESTDIR)$(PREFIX)/share/omcops/runbooks
	@echo "Installed $(DESTDIR)$(PREFIX)/bin/omcops" >&2

.PHONY: format
format: ## Format the sources in place
	@swift format -i -p -r Sources Tests Package.swift

.PHONY: lint
lint: ## Check the format strictly
	@swift format lint --strict -p -r Sources Tests Package.swift

.PHONY: deps
deps:
	@scripts/install-deps

.PHONY: clean
clean: ## Remove everything that was built
	@rm -rf .build

.PHONY: help
help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
