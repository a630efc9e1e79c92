#!/usr/bin/env bash
# Builds Kubernetes' own conformance suite (e2e.test), and the kubectl of the same version that it calls, from Debian's source package of kubernetes.
#
# Prints the folder with the program on stdout; says what it does on stderr. What was built is cached outside the project, keyed by the
# package's version and this script. With --if-built it only looks, and exits with 3 when there is none.
set -euo pipefail

say() { printf 'conformance: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache_root=${CAPSTAN_BUILD_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/capstan-build}/conformance
script_key=$(sha256sum "$here/build.sh" | cut -c1-12)
mkdir -p "$cache_root"

finished() { find "$cache_root" -mindepth 2 -maxdepth 2 -path "*-$script_key/complete" -printf '%h\n' 2>/dev/null | sort | tail -n 1; }
done_folder=$(finished)
if [ -n "$done_folder" ]; then echo "$done_folder"; exit 0; fi
[ "${1:-}" = "--if-built" ] && exit 3

exec 9>"$cache_root/lock"
flock 9
done_folder=$(finished)
if [ -n "$done_folder" ]; then echo "$done_folder"; exit 0; fi
[ "$(id -u)" = 0 ] || die "needs root to install Debian packages (golang-go, dpkg-dev, …)"
command -v apt-get >/dev/null || die "needs Debian's apt-get: the suite is built from Debian's kubernetes source package"

# Source packages are asked for through a list of our own, so that the machine's lists stay as they are.
lists=$(mktemp -d)
trap 'rm -rf "$lists"' EXIT
mkdir -p "$lists/parts" "$lists/state/partial"
chmod -R a+rX "$lists"
if [ -f /etc/apt/sources.list ] && grep -q '^deb ' /etc/apt/sources.list; then
  sed -n 's/^deb /deb-src /p' /etc/apt/sources.list > "$lists/parts/src.list"
fi
for f in /etc/apt/sources.list.d/*.sources; do
  [ -f "$f" ] && sed 's/^Types:.*/Types: deb-src/' "$f" > "$lists/parts/$(basename "$f")"
done

export DEBIAN_FRONTEND=noninteractive
say "installing Debian packages: golang-go rsync jq dpkg-dev reflect2"
apt-get update -qq >&2
apt-get install -y -qq --no-install-recommends golang-go rsync jq dpkg-dev make gcc libc6-dev golang-github-modern-go-reflect2-dev >&2
apt_src=(-o Dir::Etc::sourcelist=/dev/null -o Dir::Etc::sourceparts="$lists/parts" -o Dir::State::lists="$lists/state"
  -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache=)
apt-get "${apt_src[@]}" update -qq >&2
version=$(apt-cache "${apt_src[@]}" showsrc kubernetes 2>/dev/null | sed -n 's/^Version: //p' | sort -V | tail -n 1)
[ -n "$version" ] || die "Debian's archive offers no kubernetes source package"
out="$cache_root/${version//[^A-Za-z0-9.+-]/_}-$script_key"
work="$out.work"
rm -rf "$work" "$out"
mkdir -p "$work/gopath/src/k8s.io"

say "fetching the source of kubernetes $version"
(cd "$work" && apt-get "${apt_src[@]}" source --download-only -qq "kubernetes=$version" >&2 && dpkg-source --no-check -x ./*.dsc source >&2)

# The vendored reflect2 1.0.1 crashes under Go 1.18 or newer as soon as custom resources are used; Debian has 1.0.2.
vendored="$work/source/vendor/github.com/modern-go/reflect2"
rm -f "$vendored"/*.go "$vendored"/*.s
cp /usr/share/gocode/src/github.com/modern-go/reflect2/*.go /usr/share/gocode/src/github.com/modern-go/reflect2/*.s "$vendored/"
rm -f "$vendored"/*_test.go

ln -s "$work/source" "$work/gopath/src/k8s.io/kubernetes"
say "building e2e.test (about ten minutes on two cores)"
mkdir -p "$out"
export GOPATH="$work/gopath" GOCACHE="$work/gocache" GO111MODULE=off CGO_ENABLED=0
(cd "$work/gopath/src/k8s.io/kubernetes" && nice -n 19 make generated_files >&2 && nice -n 19 hack/generate-bindata.sh >&2 &&
  nice -n 19 go test -c k8s.io/kubernetes/test/e2e -o "$out/e2e.test" >&2 &&
  nice -n 19 go build -o "$out/kubectl" k8s.io/kubernetes/cmd/kubectl >&2)
printf '%s\n' "$version" > "$out/version"
: > "$out/complete"
chmod -R u+w "$work"
rm -rf "$work"
say "built in $out"
echo "$out"
