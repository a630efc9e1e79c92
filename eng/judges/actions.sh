#!/usr/bin/env bash
# Brings GitHub's own @actions/expressions and @actions/workflow-parser (with what they need, all by exact version) onto this machine.
# Prints the folder that holds node_modules on stdout; cached outside the project.
set -euo pipefail

version=0.3.61
packages=("@actions/expressions@$version" "@actions/workflow-parser@$version" yaml@2.8.1 cronstrue@2.59.0)

say() { printf 'judges: %s\n' "$*" >&2; }
cache=${CAPSTAN_BUILD_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/capstan-build}/judges
out="$cache/actions-$version"
if [ -f "$out/complete" ]; then echo "$out"; exit 0; fi

mkdir -p "$cache"
exec 9>"$cache/actions.lock"
flock 9
if [ -f "$out/complete" ]; then echo "$out"; exit 0; fi

need=()
command -v node >/dev/null || need+=(nodejs)
command -v npm >/dev/null || need+=(npm)
if [ ${#need[@]} -gt 0 ]; then
  [ "$(id -u)" = 0 ] || { say "needs ${need[*]}; install them, or run as root once"; exit 1; }
  say "installing ${need[*]}"
  apt-get update -qq >&2
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${need[@]}" >&2
fi

say "fetching ${packages[*]}"
rm -rf "$out"
mkdir -p "$out"
(cd "$out" && echo '{"private":true}' >package.json && npm install --silent --no-audit --no-fund --ignore-scripts "${packages[@]}" >&2)
: > "$out/complete"
echo "$out"
