#!/usr/bin/env bash
# 'make interop': other people's software on the documents of 'make demo'.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/say.sh
source scripts/say.sh

scripts/prerequisites.sh interop
if ! compgen -G 'target/demo/*.ofd' >/dev/null; then
  note "no documents in target/demo yet, so 'make demo' runs first"
  scripts/demo.sh
fi
step 'Asking the peers'
show python3 tests/interop/run.py target/demo
