#!/usr/bin/env bash
# Installs what a target needs and the machine lacks, by apt. Does nothing, and needs no network, when all is there.
# Usage: scripts/prerequisites.sh try|demo|test|interop|bench|differential
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/say.sh
source scripts/say.sh

# Each line: the Debian package, and a command or a file that shows that it is there.
try_needs=(
  'gcc cc'
)
demo_needs=(
  "${try_needs[@]}"
  'unzip unzip'
  'zip zip'
  'fonts-noto-cjk /usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc'
)
test_needs=(
  "${demo_needs[@]}"
  'g++ c++'
  'openssl openssl'
  'poppler-utils pdfsig'
  'qpdf qpdf'
)
interop_needs=(
  "${test_needs[@]}"
  'default-jdk-headless javac'
  'fontconfig fc-list'
  'maven mvn'
  'python3 python3'
  'python3-venv /usr/share/python-wheels'
)
differential_needs=(
  "${try_needs[@]}"
  'libssl-dev /usr/include/openssl/evp.h'
  'pkg-config pkg-config'
  'valgrind valgrind'
)
bench_needs=(
  "${interop_needs[@]}"
  'valgrind valgrind'
)

case "${1:-}" in
  try) needs=("${try_needs[@]}") ;;
  demo) needs=("${demo_needs[@]}") ;;
  test) needs=("${test_needs[@]}") ;;
  interop) needs=("${interop_needs[@]}") ;;
  bench) needs=("${bench_needs[@]}") ;;
  differential) needs=("${differential_needs[@]}") ;;
  *)
    echo 'usage: scripts/prerequisites.sh try|demo|test|interop|bench|differential' >&2
    exit 2
    ;;
esac

is_there() {
  if [[ "$1" == /* ]]; then [[ -e "$1" ]]; else command -v "$1" >/dev/null; fi
}

step "Prerequisites of 'make $1'"
command -v cargo >/dev/null || stop "cargo is missing: install Rust with rustup (https://rustup.rs), then run 'make $1' again."

missing=()
for need in "${needs[@]}"; do
  read -r package probe <<<"$need"
  is_there "$probe" || missing+=("$package")
done
if ((${#missing[@]} == 0)); then
  note "all there: $(printf '%s\n' "${needs[@]}" | cut -d' ' -f1 | paste -sd' ')"
  exit 0
fi

command -v apt-get >/dev/null || stop "Missing, and no apt-get here to install it: ${missing[*]}. Install what your system calls these."
root=()
if ((EUID != 0)); then
  command -v sudo >/dev/null || stop "Missing: ${missing[*]}. Run as root: apt-get install ${missing[*]}"
  root=(sudo)
fi
note "missing: ${missing[*]}; installing with apt-get"
install=(apt-get install -y -qq --no-install-recommends "${missing[@]}")
show "${root[@]}" apt-get update -qq
note "\$ ${install[*]}"
"${root[@]}" env DEBIAN_FRONTEND=noninteractive "${install[@]}" >/dev/null
for need in "${needs[@]}"; do
  read -r package probe <<<"$need"
  is_there "$probe" || stop "apt-get installed $package, and $probe is still not there."
done
good 'installed'
