# shellcheck shell=bash
# For scripts that build something of Debian's source package of kubernetes and keep it outside the project, keyed by the package's version, the
# script and this file. A script defines `say` and `die`, sources this, and calls in this order:
#
#   kubernetes_cache NAME SCRIPT [--if-built]   prints the folder of a finished build and ends the script, or goes on with the lock of the cache held
#   kubernetes_source PACKAGE…                  installs the packages and fetches the source: $version, $out (the result), $work/source, $work/gopath
#   kubernetes_done                             keeps $out, removes $work, and prints $out
#
# A script that defines `usable` has finished builds taken only where that succeeds.

kubernetes_cache() {
  local script_key
  cache_root=${CAPSTAN_BUILD_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/capstan-build}/$1
  script_key=$(cat "$2" "${BASH_SOURCE[0]}" | sha256sum | cut -c1-12)
  cache_suffix="-$script_key"
  mkdir -p "$cache_root"
  kubernetes_answer
  [ "${3:-}" = "--if-built" ] && exit 3

  exec 9>"$cache_root/lock"
  flock 9
  kubernetes_answer
  [ "$(id -u)" = 0 ] || die "needs root to install Debian packages (golang-go, dpkg-dev, …)"
  command -v apt-get >/dev/null || die "needs Debian's apt-get: it builds from Debian's kubernetes source package"
}

# The newest finished build of this very script answers without asking the package archive.
kubernetes_answer() {
  local folder
  folder=$(find "$cache_root" -mindepth 2 -maxdepth 2 -path "*$cache_suffix/complete" -printf '%h\n' 2>/dev/null | sort | tail -n 1)
  if [ -n "$folder" ] && { ! declare -F usable >/dev/null || usable; }; then echo "$folder"; exit 0; fi
}

kubernetes_source() {
  local file apt_src
  # Source packages are asked for through a list of our own, so that the machine's lists stay as they are.
  lists=$(mktemp -d)
  trap 'rm -rf "$lists"' EXIT
  mkdir -p "$lists/parts" "$lists/state/partial"
  chmod -R a+rX "$lists"
  if [ -f /etc/apt/sources.list ] && grep -q '^deb ' /etc/apt/sources.list; then
    sed -n 's/^deb /deb-src /p' /etc/apt/sources.list > "$lists/parts/src.list"
  fi
  for file in /etc/apt/sources.list.d/*.sources; do
    [ -f "$file" ] && sed 's/^Types:.*/Types: deb-src/' "$file" > "$lists/parts/$(basename "$file")"
  done

  export DEBIAN_FRONTEND=noninteractive
  say "installing Debian packages: $*"
  apt-get update -qq >&2
  apt-get install -y -qq --no-install-recommends "$@" >&2
  apt_src=(-o Dir::Etc::sourcelist=/dev/null -o Dir::Etc::sourceparts="$lists/parts" -o Dir::State::lists="$lists/state"
    -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache=)
  apt-get "${apt_src[@]}" update -qq >&2
  version=$(apt-cache "${apt_src[@]}" showsrc kubernetes 2>/dev/null | sed -n 's/^Version: //p' | sort -V | tail -n 1)
  [ -n "$version" ] || die "Debian's archive offers no kubernetes source package"
  out="$cache_root/${version//[^A-Za-z0-9.+-]/_}$cache_suffix"
  work="$out.work"
  rm -rf "$work" "$out"
  mkdir -p "$work/gopath/src/k8s.io" "$out"
  say "fetching the source of kubernetes $version"
  (cd "$work" && apt-get "${apt_src[@]}" source --download-only -qq "kubernetes=$version" >&2 && dpkg-source --no-check -x ./*.dsc source >&2)
  ln -s "$work/source" "$work/gopath/src/k8s.io/kubernetes"
}

# The vendored reflect2 1.0.1 crashes under Go 1.18 or newer as soon as custom resources are used; Debian has 1.0.2
# (golang-github-modern-go-reflect2-dev).
kubernetes_newer_reflect2() {
  local vendored="$work/source/vendor/github.com/modern-go/reflect2"
  rm -f "$vendored"/*.go "$vendored"/*.s
  cp /usr/share/gocode/src/github.com/modern-go/reflect2/*.go /usr/share/gocode/src/github.com/modern-go/reflect2/*.s "$vendored/"
  rm -f "$vendored"/*_test.go
}

kubernetes_done() {
  printf '%s\n' "$version" > "$out/version"
  : > "$out/complete"
  chmod -R u+w "$work"
  rm -rf "$work"
  say "built in $out"
  echo "$out"
}
