.DEFAULT_GOAL := help
.PHONY: help try demo test interop differential sanitize bench fuzz clean

help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

try: ## Build the verifier alone and verify four checked-in documents (minutes)
	@scripts/try.sh

demo: ## Issue three licences as OFD and PDF, verify them, tamper with copies; all of it stays in target/demo
	@scripts/demo.sh

test: ## Formatting, lints, every test, ten seconds of fuzzing for each parser
	@scripts/test.sh

interop: ## Ask other software (ofdrw, veraPDF, pyHanko, gmsm, OpenSSL, Poppler, qpdf) about what 'make demo' made
	@scripts/interop.sh

differential: ## Put a million signatures, random and built (CASES), to our SM2 and SM3, RustCrypto's and OpenSSL's
	@scripts/differential.sh

sanitize: ## Run the SM2/SM3 code under AddressSanitizer and valgrind
	@scripts/differential.sh sanitize

bench: ## Measure beside other software, in one run (quarter of an hour); WRITE=1 puts it into benches/README.md
	@benches/run.sh $(if $(WRITE),--write)

bench-quick: ## The same in a minute, once built: a line for each row, 'ratio ROW PEER VALUE'
	@benches/run.sh --quick

fuzz: ## Fuzz each parser for FUZZ_SECONDS (600 unless told), FUZZ_TARGETS='ofd pdf' for some
	@scripts/fuzz.sh

clean: ## Remove what the build and the demo made
	cargo clean
	rm -rf target
