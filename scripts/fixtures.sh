#!/usr/bin/env bash
# Makes the four documents of 'make try' from what 'make demo' left in target/demo, and the pictures of the README.
# Run it when the form of our documents changes. Needs zip and unzip.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/say.sh
source scripts/say.sh

from=target/demo
[[ -e "$from/business-licence.ofd" ]] || stop "Run 'make demo' first: the documents come from $from."
mkdir -p fixtures docs/images

step 'Documents'
cp "$from/business-licence.ofd" fixtures/good.ofd
cp "$from/marriage-certificate-rsa.pdf" fixtures/good.pdf

# The company's capital goes from five to nine million, in the text that is shown; every other entry stays as it was.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp fixtures/good.ofd "$work/tampered.ofd"
(
  cd "$work"
  page=Doc_0/Pages/Page_0/Content.xml
  unzip -q tampered.ofd "$page"
  sed -i 's/伍佰/玖佰/' "$page"
  zip -q -X tampered.ofd "$page"
)
cp "$work/tampered.ofd" fixtures/tampered.ofd

# One bit of one byte in the middle of the first stream.
cp fixtures/good.pdf fixtures/tampered.pdf
at=$(($(grep -abo -m1 stream fixtures/good.pdf | head -1 | cut -d: -f1) + 60))
old=$(od -An -tu1 -j "$at" -N1 fixtures/good.pdf | tr -d ' ')
# shellcheck disable=SC2059 # the format is the byte
printf "\\x$(printf '%02x' $((old ^ 1)))" | dd of=fixtures/tampered.pdf bs=1 seek="$at" conv=notrunc status=none
ls -l fixtures

step 'Pictures'
cp "$from/business-licence.png" docs/images/business-licence.png
cp "$from/household-register-1.png" docs/images/household-register.png
cp "$from/marriage-certificate.png" docs/images/marriage-certificate.png
