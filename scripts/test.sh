#!/usr/bin/env bash
# 'make test': every check that must pass before a change lands.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/say.sh
source scripts/say.sh

scripts/prerequisites.sh test
ran=()

check() {
  local title=$1 started=$SECONDS
  shift
  step "$title"
  show "$@" || stop "$title failed. Run it alone: $*"
  ran+=("$(printf '%-28s %4d s' "$title" $((SECONDS - started)))")
}

check 'Formatting' cargo fmt --all --check
check 'Lints, warnings denied' cargo clippy --workspace --all-targets -- -D warnings
check 'Tests' cargo test --workspace --exclude cinnabar-fuzz
if command -v cargo-deny >/dev/null; then
  check 'Licences and advisories' cargo deny --workspace check
else
  step 'Licences and advisories'
  warn "cargo-deny is not installed ('cargo install cargo-deny' takes minutes); deny.toml was not checked"
  ran+=('Licences and advisories       not run: cargo-deny is not installed')
fi
FUZZ_SECONDS="${FUZZ_SMOKE_SECONDS:-10}" check 'Fuzz smoke' scripts/fuzz.sh

step 'All checks passed'
printf '   %s\n' "${ran[@]}"
