#!/usr/bin/env bash
# Brings cosign 2.5 of Debian's next release onto this machine, from the archive that the machine's own sources name. Prints the program's
# path on stdout; cached outside the project. Nothing is installed and no source list of the machine changes.
set -euo pipefail

suite=trixie
say() { printf 'judges: %s\n' "$*" >&2; }
cache=${CAPSTAN_BUILD_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/capstan-build}/judges
out="$cache/cosign-$suite"
if [ -x "$out/cosign" ]; then echo "$out/cosign"; exit 0; fi
command -v apt-get >/dev/null || { say "cosign comes from Debian's archive, and this is no Debian"; exit 1; }

mkdir -p "$cache"
exec 9>"$cache/cosign.lock"
flock 9
if [ -x "$out/cosign" ]; then echo "$out/cosign"; exit 0; fi

archive=$({ sed -nE 's/^(URIs:|deb) *(\[[^]]*\])? *(https?:\/\/[^ ]+\/debian)\/?( .*)?$/\3/p' /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null || true; } | head -n 1)
[ -n "$archive" ] || { say "no Debian archive in the machine's sources"; exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work"/lists/partial "$work"/cache/archives/partial
touch "$work/status"
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $archive $suite main" >"$work/sources.list"
own=(-o "Dir::Etc::sourcelist=$work/sources.list" -o Dir::Etc::sourceparts=/dev/null -o "Dir::State::lists=$work/lists"
  -o "Dir::Cache=$work/cache" -o "Dir::State::status=$work/status" -o APT::Sandbox::User=root)
say "fetching cosign of $suite"
(cd "$work" && apt-get "${own[@]}" update -qq >&2 && apt-get "${own[@]}" download -qq cosign >&2 && dpkg-deb -x cosign_*.deb unpacked)
mkdir -p "$out"
cp "$work/unpacked/usr/bin/cosign" "$out/cosign.part"
"$out/cosign.part" version >/dev/null
mv "$out/cosign.part" "$out/cosign"
echo "$out/cosign"
