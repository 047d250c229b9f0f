#!/usr/bin/env bash
# Fuzzes each parser for FUZZ_SECONDS, as many at a time as there are cores. Seeds come from the checked-in documents, keys
# and catalogue; what a target learns stays in target/fuzz/corpus. A crash leaves its input in target/fuzz/crashes.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/say.sh
source scripts/say.sh

seconds="${FUZZ_SECONDS:-600}"
work=target/fuzz
read -ra targets <<<"${FUZZ_TARGETS:-$(cd fuzz/targets && printf '%s ' *.rs | sed 's/\.rs//g')}"

# A target's own fuzz process: TARGET FOLDER_OF_PROGRAMS
fuzz_one() {
  local target=$1 programs=$2 log="$work/logs/$1.log" dictionary options=()
  dictionary="fuzz/dictionaries/$(dictionary_of "$target").dict"
  [[ -e "$dictionary" ]] && options+=("-dict=$dictionary")
  mkdir -p "$work/corpus/$target" "$work/seeds/$target"
  # Bytes that differ from a seed must still reach the parser in time and in memory: 10 s and 2 GiB are far beyond honest.
  if "$programs/fuzz-$target" "$work/corpus/$target" "$work/seeds/$target" "${options[@]}" \
    -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -max_len="$(longest "$work/seeds/$target")" \
    -artifact_prefix="$work/crashes/$target-" -print_final_stats=1 >"$log" 2>&1; then
    good "$(printf '%-20s %s' "$target" "$(progress "$log")")"
  else
    bad "$(printf '%-20s %s' "$target" "$(grep -m1 -E 'panicked at|ERROR: libFuzzer' "$log" || tail -1 "$log")")"
    grep -o "Test unit written to .*" "$log" | sed "s|.* to |             again with: $programs/fuzz-$target |" || true
    return 1
  fi
}

dictionary_of() {
  case "$1" in
    ofd | ofd_parts) echo ofd ;;
    ofd_xml) echo xml ;;
    tlv | certificate | cms | crl | time_stamp | seal) echo der ;;
    licence_type | trust_set) echo toml ;;
    request) echo json ;;
    *) echo "$1" ;;
  esac
}

# Inputs may grow to twice the longest seed.
longest() { find "$1" -type f -printf '%s\n' | sort -n | awk 'END { print ($1 > 2048 ? 2 * $1 : 4096) }'; }

# "431 → 602 branches, 1862103 runs": where coverage began with the seeds, and where it ended.
progress() {
  awk '
    /cov: / { for (i = 1; i < NF; i++) if ($i == "cov:") { if (first == "") first = $(i + 1); last = $(i + 1) } }
    /stat::number_of_executed_units/ { runs = $2 }
    END { printf "coverage %s → %s, %s runs", first, last, runs }' "$1"
}

if [[ "${1:-}" == --one ]]; then
  fuzz_one "$2" "$3"
  exit
fi

step "Building ${#targets[@]} fuzz targets"
bins=()
for target in "${targets[@]}"; do bins+=(--bin "fuzz-$target"); done
RUSTC_WORKSPACE_WRAPPER="$PWD/scripts/fuzz-rustc.sh" show cargo build --quiet -p cinnabar-fuzz "${bins[@]}"
programs="$(build_folder)/debug"

step 'Gathering seeds'
mkdir -p "$work/logs" "$work/crashes"
show cargo run --quiet -p cinnabar-fuzz --bin fuzz-seeds -- "$work/seeds" ${FUZZ_SAMPLES:+"$FUZZ_SAMPLES"}

step "Fuzzing ${#targets[@]} parsers, $seconds s each, $(nproc) at a time"
if printf '%s\n' "${targets[@]}" | xargs -P "$(nproc)" -I '{}' "${BASH_SOURCE[0]}" --one '{}' "$programs"; then
  note "no crash, no hang, no excessive memory in ${#targets[@]} targets"
else
  stop "A parser failed. Its input is in $work/crashes, what happened in $work/logs."
fi
