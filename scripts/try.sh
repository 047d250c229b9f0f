#!/usr/bin/env bash
# 'make try': builds the command without its issuing half, which needs no Typst, and verifies four checked-in documents.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/say.sh
source scripts/say.sh
# shellcheck source=scripts/verdicts.sh
source scripts/verdicts.sh

trust=keys-dev/trust.toml

scripts/prerequisites.sh try

step 'Building the verifier (first time: some minutes)'
show cargo build -p cinnabar-cli --no-default-features
cinnabar="$(build_folder)/debug/cinnabar"

step 'What a clerk sees: a good licence, and one that somebody changed'
show "$cinnabar" verify fixtures/good.ofd --trust "$trust" --offline
show "$cinnabar" verify fixtures/tampered.pdf --trust "$trust" --offline || true

step 'All four, under the development trust set'
expect PASSED fixtures/good.ofd
expect PASSED fixtures/good.pdf
expect FAILED fixtures/tampered.ofd
expect FAILED fixtures/tampered.pdf
summary || stop 'A verdict is not what it should be.'

cat <<END

   These keys are for development: the documents prove how verification works, and nothing about any person.
   Try your own: $cinnabar verify FILE --trust $trust
   Next: make demo
END
