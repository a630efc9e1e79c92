#!/usr/bin/env bash
# Brings the scripts of others that the pages load into the folder given: by npm and its lock file, cached outside the project.
# Pages work without them, so a machine that cannot fetch them builds all the same.
set -euo pipefail

here=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" && pwd)
to=$1
say() { printf 'assets: %s\n' "$*" >&2; }
key=$(cat "$here/package.json" "$here/package-lock.json" | sha256sum | cut -c1-16)
files=(htmx.org/dist/htmx.min.js @xterm/xterm/lib/xterm.js @xterm/xterm/css/xterm.css @xterm/addon-fit/lib/addon-fit.js)
if [ -f "$to/htmx.min.js" ] && [ "$(cat "$to/key" 2>/dev/null)" = "$key" ]; then exit 0; fi

cache=${CAPSTAN_BUILD_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/capstan-build}/assets-$key
mkdir -p "$to" "$cache"
exec 9>"$cache/lock"
flock 9
if [ ! -f "$cache/complete" ]; then
  if ! command -v npm >/dev/null; then
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || { say "needs npm; the pages are built without these"; exit 1; }
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends npm; } </dev/null >&2
  fi
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  cp "$here/package.json" "$here/package-lock.json" "$work/"
  (cd "$work" && npm ci --ignore-scripts --no-audit --no-fund --silent >&2)
  for file in "${files[@]}"; do cp "$work/node_modules/$file" "$cache/"; done
  : > "$cache/complete"
fi
for file in "${files[@]}"; do
  name=$(basename "$file")
  cp "$cache/$name" "$to/$name.new" && mv "$to/$name.new" "$to/$name"
done
printf '%s\n' "$key" > "$to/key"
