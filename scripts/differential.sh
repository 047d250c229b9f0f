#!/usr/bin/env bash
# 'make differential': the same questions to cinnabar-sm, RustCrypto and OpenSSL. CASES signatures (1000000), SEED, THREADS,
# ROUND and OPENSSL_SHARE as tests/differential/README.md tells. Arguments go to the program: 'replay KEY E R S'.
# 'make sanitize': cinnabar-sm's tests and a few thousand of those questions under AddressSanitizer and under valgrind.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/say.sh
source scripts/say.sh

target="$(build_folder)/differential"
host=x86_64-unknown-linux-gnu
questions=(--quiet --manifest-path tests/differential/Cargo.toml --target-dir "$target")

# The programs of cinnabar-sm's tests, one a line: CARGO_OPTIONS...
test_programs() {
  cargo test --quiet -p cinnabar-sm --tests --no-run --message-format=json "$@" 2>/dev/null |
    grep -o '"executable":"[^"]*"' | cut -d'"' -f4
}

results=()
ran() { results+=("$(printf '%-46s %s' "$1" "$2")"); }

# A name, then a command that fails when memory was misused.
run() {
  local name=$1 log
  shift
  log="$target/$(tr ' ,' '__' <<<"$name").log"
  if "$@" >"$log" 2>&1; then
    good "$name"
    ran "$name" "ok: $(grep -E 'test result|disagreements|ERROR SUMMARY' "$log" | sed 's/; finished.*//; s/^==[0-9]*== //; s/^ *//' | paste -sd'|' | cut -c1-150)"
  else
    bad "$name, see $log"
    ran "$name" failed
    failed=1
  fi
}

# AddressSanitizer is not stable in rustc; RUSTC_BOOTSTRAP lets the pinned toolchain have it all the same.
address() {
  local options=(--target "$host" --target-dir "$target/address") program
  export RUSTC_BOOTSTRAP=1 RUSTFLAGS=-Zsanitizer=address
  if ! cargo build --quiet -p cinnabar-sm "${options[@]}"; then
    warn 'AddressSanitizer: this toolchain does not have it'
    ran 'AddressSanitizer' 'not run: this toolchain does not have it'
    unset RUSTC_BOOTSTRAP RUSTFLAGS
    return
  fi
  while read -r program; do
    run "AddressSanitizer, $(basename "${program%-*}")" "$program"
  done < <(test_programs "${options[@]}")
  cargo build "${questions[@]}" "${options[@]}"
  run 'AddressSanitizer, questions' env CASES="${CASES:-3000}" "$target/address/$host/debug/cinnabar-differential"
  unset RUSTC_BOOTSTRAP RUSTFLAGS
}

# valgrind shows programs a processor without ADX and AVX-512: it is for the portable and AVX2 paths.
memcheck() {
  local check=(valgrind --quiet --error-exitcode=99 --leak-check=no) program
  if ! command -v valgrind >/dev/null; then
    warn 'valgrind is not installed'
    ran 'valgrind' 'not run: it is not installed'
    return
  fi
  while read -r program; do
    run "valgrind, $(basename "${program%-*}")" env PROPTEST_CASES=4 "${check[@]}" "$program" --test-threads=1
  done < <(test_programs --target-dir "$target/plain")
  cargo build "${questions[@]}"
  run 'valgrind, questions' env CASES="${CASES:-600}" THREADS=1 "${check[@]}" "$target/debug/cinnabar-differential"
}

if [[ "${1:-}" == sanitize ]]; then
  scripts/prerequisites.sh differential
  mkdir -p "$target"
  failed=0
  step 'AddressSanitizer'
  address
  step "Valgrind's memcheck"
  memcheck
  step 'Memory'
  printf '   %s\n' "${results[@]}"
  exit "$failed"
fi

scripts/prerequisites.sh differential
step 'The same questions to cinnabar-sm, RustCrypto and OpenSSL'
show cargo run "${questions[@]}" -- "$@" || stop 'They disagree. Each DISAGREEMENT above says how to ask it again.'
