#!/usr/bin/env bash
# Brings the scripts of others that the pages load into the folder given: by npm and its lock file, cached outside the project.
# Pages work without them, so a machine that cannot fetch them builds all the same.
set -euo pipefail

here=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" && pwd)
to=$1
say() { printf 'assets: %s\n' "$*" >&2; }
key=$(cat "$here/package.json" "$here/package-lock.json" | sha256sum | cut -c1-16)
if [ -f "$to/htmx.min.js" ] && [ "$(cat "$to/key" 2>/dev/null)" = "$key" ]; then exit 0; fi

cache=${CAPSTAN_BUILD_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/capstan-build}/assets-$key
mkdir -p "$to" "$cache"
exec 9>"$cache/lock"
flock 9
if [ ! -f "$cache/complete" ]; then
  if ! command -v npm >/dev/null; then
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || { say "needs npm; the pages are built without htmx"; exit 1; }
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends npm; } </dev/null >&2
  fi
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  cp "$here/package.json" "$here/package-lock.json" "$work/"
  (cd "$work" && npm ci --ignore-scripts --no-audit --no-fund --silent >&2)
  cp "$work/node_modules/htmx.org/dist/htmx.min.js" "$cache/"
  : > "$cache/complete"
fi
cp "$cache/htmx.min.js" "$to/htmx.min.js.new" && mv "$to/htmx.min.js.new" "$to/htmx.min.js"
printf '%s\n' "$key" > "$to/key"
