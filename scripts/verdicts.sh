# shellcheck shell=bash disable=SC2154
# Sourced: asks cinnabar for verdicts and compares them with what is expected. Needs $cinnabar, $trust, and say.sh.

as_expected=0
unexpected=0
rows=()

# Verifies FILE, which should come out as EXPECTED, and keeps a row for the summary. What passes must say that the trust is
# for development.
expect() {
  local expected=$1 file=$2 report verdict reason mark needed=''
  [[ "$expected" == PASSED ]] && needed='"DEVELOPMENT_TRUST"'
  report=$("$cinnabar" verify "$file" --trust "$trust" --offline --format ndjson 2>/dev/null) || true
  verdict=$(first_value verdict "$report")
  reason=$(first_value reason "$report")
  if [[ "$verdict" == "$expected" && "$report" == *"$needed"* ]]; then
    as_expected=$((as_expected + 1))
    mark="${green}as expected${plain}"
  else
    unexpected=$((unexpected + 1))
    mark="${red}expected $expected${needed:+ with $needed}${plain}"
  fi
  rows+=("$(printf '%-44s %-14s %-30s %s' "$(basename "$file")" "${verdict:-no verdict}" "$reason" "$mark")")
}

# The first string value of a key in a JSON object on one line.
first_value() { grep -o "\"$1\":\"[^\"]*\"" <<<"$2" | head -1 | cut -d'"' -f4 || true; }

# Prints the rows; false when any verdict was not as expected.
summary() {
  printf '   %-44s %-14s %-30s\n' document verdict reason
  printf '   %s\n' "${rows[@]}"
  printf '\n   %d verdicts as expected, %d not\n' "$as_expected" "$unexpected"
  ((unexpected == 0))
}
