#!/usr/bin/env bash
# Builds Kubernetes' own conformance suite (e2e.test), and the kubectl of the same version that it calls, from Debian's source package of kubernetes.
#
# Prints the folder with the program on stdout; says what it does on stderr. What was built is cached outside the project, keyed by the
# package's version and this script. With --if-built it only looks, and exits with 3 when there is none.
set -euo pipefail

say() { printf 'conformance: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=eng/kubernetes-source.sh
. "$here/../kubernetes-source.sh"
kubernetes_cache conformance "$here/build.sh" "${1:-}"
kubernetes_source golang-go rsync jq dpkg-dev make gcc libc6-dev golang-github-modern-go-reflect2-dev
kubernetes_newer_reflect2

say "building e2e.test (about ten minutes on two cores)"
export GOPATH="$work/gopath" GOCACHE="$work/gocache" GO111MODULE=off CGO_ENABLED=0
(cd "$work/gopath/src/k8s.io/kubernetes" && nice -n 19 make generated_files >&2 && nice -n 19 hack/generate-bindata.sh >&2 &&
  nice -n 19 go test -c k8s.io/kubernetes/test/e2e -o "$out/e2e.test" >&2 &&
  nice -n 19 go build -o "$out/kubectl" k8s.io/kubernetes/cmd/kubectl >&2)
kubernetes_done
