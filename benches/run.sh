#!/usr/bin/env bash
# 'make bench': Cinnabar's kernels, library and command beside other software, in one run.
# Usage: benches/run.sh [--write] [--quick] [--again] [--largest N]; --write puts the answer into benches/README.md.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/say.sh
source scripts/say.sh

scripts/prerequisites.sh bench >&2 || note 'not all there: peers that need it will be "not run"' >&2

step 'Building the verifier and the peers written in Rust, as a release' >&2
{
  show cargo build --release -p cinnabar-cli --no-default-features
  show cargo build --release --manifest-path benches/Cargo.toml --target-dir "$(build_folder)"
} >&2

step 'Measuring (the machine should have nothing else to do)' >&2
python3 benches/bench.py "$@" --binaries "$(build_folder)/release"
