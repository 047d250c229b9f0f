#!/usr/bin/env bash
# 'make bench': how many documents a second Cinnabar verifies, and other software beside it, on the documents of 'make demo'.
# Usage: benches/run.sh [--write] [--rounds N] [--copies N]; --write puts the answer into benches/README.md.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/say.sh
source scripts/say.sh

compgen -G 'target/demo/*-rsa.pdf' >/dev/null || stop "No documents in target/demo: run 'make demo' first."
scripts/prerequisites.sh interop || note 'not all there: peers that need it will be "not run"'

step 'Building the verifier alone, as a release'
show cargo build --release -p cinnabar-cli --no-default-features
show cargo build --release --manifest-path benches/arithmetic/Cargo.toml --target-dir "$(build_folder)"

step 'Measuring (some minutes; the machine should have nothing else to do)'
show python3 benches/bench.py "$@" --binaries "$(build_folder)/release"
