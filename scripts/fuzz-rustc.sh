#!/usr/bin/env bash
# RUSTC_WORKSPACE_WRAPPER of the fuzz build: adds coverage counters for libFuzzer to the crates of this workspace, and to
# nothing else, so that dependencies are compiled once for all builds. Works on stable Rust.
set -euo pipefail

instrument=no
previous=''
for argument in "$@"; do
  if [[ "$previous" == '--crate-name' && "$argument" != build_script_* ]]; then instrument=yes; fi
  previous="$argument"
done
[[ "$instrument" == yes ]] || exec "$@"

exec "$@" \
  -Cpasses=sancov-module \
  -Cllvm-args=-sanitizer-coverage-level=4 \
  -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
  -Cllvm-args=-sanitizer-coverage-pc-table \
  -Cllvm-args=-sanitizer-coverage-trace-compares \
  -Ccodegen-units=1
