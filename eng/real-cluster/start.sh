#!/usr/bin/env bash
# Starts etcd, a real kube-apiserver and (unless --no-controllers) kube-controller-manager in a folder of their own, on free loopback ports.
#
#   eng/real-cluster/start.sh DIR [--no-controllers]     prints the path of a kubeconfig when the API server is ready
#   eng/real-cluster/stop.sh DIR                         ends what was started there
#
# There is no kubelet and no scheduler: the tests bring a small node of their own (tests/Shared/TestNode.cs).
set -euo pipefail

say() { printf 'real-cluster: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
dir=${1:?usage: start.sh DIR [--no-controllers]}
controllers=yes
[ "${2:-}" = "--no-controllers" ] && controllers=no
programs=$("$here/build.sh")
mkdir -p "$dir"
dir=$(cd "$dir" && pwd)
[ -e "$dir/pids" ] && "$here/stop.sh" "$dir"

# A port that was free a moment ago may be taken by the next moment: the whole start is tried again then.
free_port() {
  local port
  while :; do
    # Below the range from which the kernel hands out ports by itself.
    port=$((20000 + (RANDOM * 32768 + RANDOM) % 12000))
    (: < "/dev/tcp/127.0.0.1/$port") 2>/dev/null || { echo "$port"; return; }
  done
}

for program in curl openssl; do
  command -v "$program" >/dev/null || die "$program is missing: apt-get install $program"
done

start_once() {
  rm -rf "$dir/etcd" "$dir/certs" "$dir/pids"
  mkdir -p "$dir/certs"
  local client peer api token
  client=$(free_port); peer=$(free_port); api=$(free_port)
  token=$(head -c 24 /dev/urandom | od -An -tx1 | tr -d ' \n')
  (umask 077 && printf '%s,admin,1,"system:masters"\n' "$token" > "$dir/tokens.csv")
  [ -f "$dir/sa.key" ] || openssl genrsa -out "$dir/sa.key" 2048 2>/dev/null

  etcd --data-dir "$dir/etcd" --unsafe-no-fsync \
    --listen-client-urls "http://127.0.0.1:$client" --advertise-client-urls "http://127.0.0.1:$client" \
    --listen-peer-urls "http://127.0.0.1:$peer" --initial-advertise-peer-urls "http://127.0.0.1:$peer" \
    --initial-cluster "default=http://127.0.0.1:$peer" > "$dir/etcd.log" 2>&1 < /dev/null &
  echo $! >> "$dir/pids"

  "$programs/kube-apiserver" --etcd-servers="http://127.0.0.1:$client" --bind-address=127.0.0.1 --secure-port="$api" \
    --cert-dir="$dir/certs" --token-auth-file="$dir/tokens.csv" --authorization-mode=RBAC \
    --service-account-issuer=https://kubernetes.default.svc --service-account-key-file="$dir/sa.key" \
    --service-account-signing-key-file="$dir/sa.key" --service-cluster-ip-range=10.0.0.0/16 \
    --advertise-address=127.0.0.1 --disable-admission-plugins=ServiceAccount --max-requests-inflight=2000 \
    --max-mutating-requests-inflight=1000 > "$dir/apiserver.log" 2>&1 < /dev/null &
  echo $! >> "$dir/pids"

  (umask 077 && cat > "$dir/kubeconfig") <<EOF
apiVersion: v1
kind: Config
current-context: real-cluster
contexts: [{name: real-cluster, context: {cluster: real-cluster, user: admin}}]
clusters: [{name: real-cluster, cluster: {server: "https://127.0.0.1:$api", insecure-skip-tls-verify: true}}]
users: [{name: admin, user: {token: "$token"}}]
EOF

  local i pid
  for i in $(seq 1 240); do
    if [ "$(curl -sk -o /dev/null -w '%{http_code}' -H "Authorization: Bearer $token" "https://127.0.0.1:$api/readyz" || true)" = 200 ]; then
      return 0
    fi
    while read -r pid; do kill -0 "$pid" 2>/dev/null || return 1; done < "$dir/pids"
    sleep 0.25
  done
  return 1
}

for attempt in 1 2 3; do
  if start_once; then
    if [ "$controllers" = yes ]; then
      # The node life cycle controller would taint a node that no kubelet renews.
      "$programs/kube-controller-manager" --kubeconfig="$dir/kubeconfig" --service-account-private-key-file="$dir/sa.key" \
        --leader-elect=false --port=0 --secure-port=0 --controllers='*,-nodelifecycle' --kube-api-qps=500 --kube-api-burst=1000 \
        > "$dir/controllers.log" 2>&1 < /dev/null &
      echo $! >> "$dir/pids"
    fi
    echo "$dir/kubeconfig"
    exit 0
  fi
  say "attempt $attempt did not become ready; the ends of the logs:"
  tail -n 3 "$dir/etcd.log" "$dir/apiserver.log" >&2 || true
  "$here/stop.sh" "$dir"
done
die "the API server did not start; its log is $dir/apiserver.log"
