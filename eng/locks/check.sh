#!/usr/bin/env bash
# Says which packages the last restore took that no committed lock file holds, by name, version and hash; exit 1 when there are any.
# The native restore of ./publish writes lock files of its own (obj/native.packages.lock.json). What comes with the SDK, and so has
# its version, is left out: the native compiler and the analyzers of trimming.
set -euo pipefail

root=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../.." && pwd)
cd "$root"
list() {
  awk '/^      "[^"]+": \{/ { name = $1; gsub(/[",:]/, "", name) } /"resolved":/ { version = $2 } /"contentHash":/ { print name, version, $2 }' |
    tr -d '",' | grep -vE '^(runtime\.[^ ]+\.)?Microsoft\.(DotNet\.ILCompiler|NET\.ILLink\.Tasks) ' | LC_ALL=C sort -u
}

# A change of versions is locked by the restore that takes it; in CI only what is committed counts.
if [ "${CI:-}" = true ] && git rev-parse --quiet --verify HEAD >/dev/null; then
  locked=$(git ls-files '*packages.lock.json' | sed 's/^/HEAD:/' | xargs -r -n 1 git show | list)
else
  locked=$(find src tests bench -name packages.lock.json -not -path '*/bin/*' -print0 | xargs -0 cat | list)
fi
taken=$(find src tests bench \( -name packages.lock.json -o -name native.packages.lock.json \) -not -path '*/bin/*' -print0 | xargs -0 cat | list)
extra=$(LC_ALL=C comm -13 <(printf '%s\n' "$locked") <(printf '%s\n' "$taken"))
[ -z "$extra" ] || { printf 'not locked: %s\n' "$extra"; exit 1; }
