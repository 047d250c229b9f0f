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

# Every dependency of the workspace has its line in docs/dependencies.md.
explained() {
  local name missing=0
  while read -r name; do
    grep -q "\`$name\`" docs/dependencies.md && continue
    bad "$name is not in docs/dependencies.md"
    missing=1
  done < <(sed -n '/^\[workspace\.dependencies\]/,/^\[profile/p' Cargo.toml | sed -n 's/^\([a-z0-9_-]*\) = .*/\1/p' | grep -v '^cinnabar-')
  return "$missing"
}

# A check that was not made, and why.
skip() {
  step "$1"
  warn "$2"
  ran+=("$(printf '%-28s not run: %s' "$1" "$2")")
}

check 'Formatting' cargo fmt --all --check
check 'Dependencies explained' explained
check 'Lints, warnings denied' cargo clippy --workspace --all-targets -- -D warnings
check 'Tests' cargo test --workspace --exclude cinnabar-fuzz
if ! command -v cargo-deny >/dev/null; then
  skip 'Licences, bans, sources' "cargo-deny is not installed ('cargo install cargo-deny' takes minutes)"
  skip 'Advisories' 'cargo-deny is not installed'
else
  check 'Licences, bans, sources' cargo deny --workspace check licenses bans sources
  if cargo deny fetch db >/dev/null 2>&1; then
    check 'Advisories' cargo deny --workspace check advisories
  else
    skip 'Advisories' 'the advisory database cannot be fetched here'
  fi
fi
FUZZ_SECONDS="${FUZZ_SMOKE_SECONDS:-10}" check 'Fuzz smoke' scripts/fuzz.sh

step 'All checks passed'
printf '   %s\n' "${ran[@]}"
