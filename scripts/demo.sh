#!/usr/bin/env bash
# 'make demo', the main job: makes seals, issues three licences as OFD and PDF, verifies them, changes one byte in a copy of
# each, verifies those. Everything it makes stays in target/demo.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/say.sh
source scripts/say.sh
# shellcheck source=scripts/verdicts.sh
source scripts/verdicts.sh

trust=keys-dev/trust.toml
out=target/demo
seals="$out/seals"
licences=(business-licence household-register marriage-certificate)
# Who seals what: the key in keys-dev, the name on the ring of the seal, the text under its star.
declare -A signer=([business-licence]=market [household-register]=police [marriage-certificate]=civil)
declare -A ring=([market]=朱砂市市场监督管理局 [police]=朱砂市公安局 [civil]=朱砂市民政局)
declare -A under=([market]='' [police]=户口专用章 [civil]=婚姻登记专用章)
# The password of every key in keys-dev; it is no secret.
export CINNABAR_PASSWORD=cinnabar-development

scripts/prerequisites.sh demo

step 'Building cinnabar (first time: Typst takes ten minutes or more on two cores)'
show cargo build -p cinnabar-cli
cinnabar="$(build_folder)/debug/cinnabar"
rm -rf "$out"
mkdir -p "$seals"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

step 'Making the seals: one for each organisation and kind of key, signed by the seal maker'
for organisation in market police civil; do
  for kind in sm2 rsa; do
    of_kind="keys-dev/$kind"
    show "$cinnabar" seal make --name "${ring[$organisation]}" ${under[$organisation]:+--bottom-text "${under[$organisation]}"} \
      --organisation-cert "$of_kind/$organisation.crt" --maker-key "$of_kind/seal-maker.key" --maker-cert "$of_kind/seal-maker.crt" \
      --password-env CINNABAR_PASSWORD --out "$seals/$organisation-$kind.esl"
  done
done

# Issues LICENCE sealed with a key of KIND in all forms that the key allows, once, and names the files by licence and key.
issue() {
  local licence=$1 kind=$2 who=${signer[$1]} file page
  rm -rf "$work/issued"
  mkdir "$work/issued"
  show "$cinnabar" issue --type "$licence" --data "catalogue/$licence/example.json" --format all \
    --key "keys-dev/$kind/$who.key" --password-env CINNABAR_PASSWORD \
    --cert "keys-dev/$kind/$who.crt" --cert "keys-dev/$kind/org-ca.crt" \
    --seal "$seals/$who-$kind.esl" --out "$work/issued/"
  for file in "$work"/issued/*; do
    case "$file" in
      *.ofd) mv "$file" "$out/$licence.ofd" ;;
      *.pdf) mv "$file" "$out/$licence-$kind.pdf" ;;
      *.png)
        # Files are named by identifier, then -1, -2 … where there is more than one page.
        page=$(grep -oE -- '-[0-9]+\.png$' <<<"$file" || echo .png)
        [[ "$kind" == rsa ]] || mv "$file" "$out/$licence$page"
        ;;
    esac
  done
}

# Copies FILE with one byte changed inside what the seal covers: in an OFD, in the text of the first page; in a PDF, in its
# first stream.
tamper() {
  local file=$1 copy
  copy="${file%.*}-TAMPERED.${file##*.}"
  cp "$file" "$copy"
  case "$file" in
    *.ofd) tamper_page "$copy" ;;
    *) flip "$copy" $(($(grep -abo -m1 stream "$copy" | head -1 | cut -d: -f1) + 60)) "$(basename "$copy")" ;;
  esac
}

# Changes one byte of the first page's text and puts the page back into the package; every other entry stays as it was.
tamper_page() {
  local package page=Doc_0/Pages/Page_0/Content.xml at
  package="$(realpath "$1")"
  (
    cd "$work"
    unzip -q -o "$package" "$page"
    at=$(grep -abo -m1 '</ofd:TextCode>' "$page" | head -1 | cut -d: -f1)
    flip "$page" $((at - 1)) "$(basename "$package"), $page"
    zip -q -X "$package" "$page"
  )
}

# Changes the lowest bit of the byte at OFFSET of FILE.
flip() {
  local file=$1 at=$2 name=$3 old new
  old=$(od -An -tu1 -j "$at" -N1 "$file" | tr -d ' ')
  new=$((old ^ 1))
  # shellcheck disable=SC2059 # the format is the byte
  printf "\\x$(printf '%02x' "$new")" | dd of="$file" bs=1 seek="$at" conv=notrunc status=none
  note "$name: byte $at changed from $(printf '%02x' "$old") to $(printf '%02x' "$new")"
}

step 'Issuing three licences: OFD (SM2), PDF (SM2), PDF (RSA), and a picture to look at'
for licence in "${licences[@]}"; do
  issue "$licence" sm2
  issue "$licence" rsa
done

step 'Changing one byte in a copy of each'
documents=()
for licence in "${licences[@]}"; do
  documents+=("$out/$licence.ofd" "$out/$licence-sm2.pdf" "$out/$licence-rsa.pdf")
done
for document in "${documents[@]}"; do tamper "$document"; done

step 'What a clerk sees: a licence as issued, and the same with one byte changed'
show "$cinnabar" verify "${documents[0]}" --trust "$trust" --offline
show "$cinnabar" verify "${documents[1]%.pdf}-TAMPERED.pdf" --trust "$trust" --offline || true

step 'All of them, under the development trust set'
for document in "${documents[@]}"; do
  expect PASSED "$document"
  expect FAILED "${document%.*}-TAMPERED.${document##*.}"
done
summary || stop 'A verdict is not what it should be.'

cat <<END

   Documents and pictures: $out
   DEVELOPMENT TRUST: these keys are for development, these licences are about nobody, and nothing here has legal force.
   Next: make interop asks other people's software about the same documents.
END
