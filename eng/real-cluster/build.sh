#!/usr/bin/env bash
# Builds a real kube-apiserver and kube-controller-manager from Debian's own source package, and finds Debian's etcd.
# They are the judge of everything that Capstan says to Kubernetes, and of what LocalCluster answers.
#
# Prints the folder with the programs on stdout; says what it does on stderr. What was built is cached outside the
# project, keyed by the package's version and this script, so a second call answers at once.
set -euo pipefail

say() { printf 'real-cluster: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
usable() { command -v etcd >/dev/null; }
# shellcheck source=eng/kubernetes-source.sh
. "$here/../kubernetes-source.sh"
kubernetes_cache real-cluster "$here/build.sh" "${1:-}"
kubernetes_source golang-go rsync jq dpkg-dev make gcc libc6-dev etcd-server golang-github-modern-go-reflect2-dev
kubernetes_newer_reflect2

say "building kube-apiserver and kube-controller-manager (about ten minutes on two cores)"
(cd "$work/gopath/src/k8s.io/kubernetes" &&
  GOPATH="$work/gopath" GOCACHE="$work/gocache" GO111MODULE=off CGO_ENABLED=0 nice -n 5 \
    make WHAT="cmd/kube-apiserver cmd/kube-controller-manager" >&2)

cp "$work"/source/_output/local/bin/linux/*/kube-apiserver "$work"/source/_output/local/bin/linux/*/kube-controller-manager "$out/"
kubernetes_done
