#!/usr/bin/env bash
# Gives the default service account of every namespace a token Secret, as Kubernetes did before 1.24: the suite of 1.20 waits for one in each
# namespace that it makes. Runs until it is ended.
set -euo pipefail

kubectl=${1:?usage: account-secrets.sh KUBECTL KUBECONFIG}
export KUBECONFIG=${2:?usage: account-secrets.sh KUBECTL KUBECONFIG}
while :; do
  # A watch ends now and then; the list at the start of the next one names what was missed.
  "$kubectl" get serviceaccounts -A --watch --field-selector=metadata.name=default \
    -o 'jsonpath={.metadata.namespace} {.secrets[*].name}{"\n"}' 2>/dev/null | while read -r space known; do
    [ -z "$known" ] || continue
    printf '{"apiVersion":"v1","kind":"Secret","type":"kubernetes.io/service-account-token","metadata":{"name":"default-token","annotations":{"kubernetes.io/service-account.name":"default"}}}' |
      "$kubectl" -n "$space" create -f - >/dev/null 2>&1 &&
      "$kubectl" -n "$space" patch serviceaccount default --type=merge -p '{"secrets":[{"name":"default-token"}]}' >/dev/null 2>&1 || true
  done || true
  sleep 0.2
done
