# shellcheck shell=bash
# Sourced by the other scripts: how they talk. Colour only on a terminal, and never when NO_COLOR is set.

if [[ -t 1 && -z "${NO_COLOR:-}" ]]; then
  bold=$'\033[1m' red=$'\033[31m' green=$'\033[32m' yellow=$'\033[33m' plain=$'\033[0m'
else
  bold='' red='' green='' yellow='' plain=''
fi

step() { printf '\n%s== %s%s\n' "$bold" "$*" "$plain"; }
note() { printf '   %s\n' "$*"; }
good() { printf '   %sok%s      %s\n' "$green" "$plain" "$*"; }
warn() { printf '   %snot run%s %s\n' "$yellow" "$plain" "$*"; }
bad() { printf '   %sfailed%s  %s\n' "$red" "$plain" "$*"; }
stop() {
  printf '%s%s%s\n' "$red" "$*" "$plain" >&2
  exit 1
}

# Runs a command and shows it first, as it could be typed.
show() {
  printf '   $ %s\n' "$*"
  "$@"
}

# Where cargo puts what it builds.
build_folder() { printf '%s' "${CARGO_TARGET_DIR:-$PWD/target}"; }
