#!/usr/bin/env bash
# Ends what start.sh started in a folder, by the process ids that it wrote there, the last started first.
# With --now they are killed at once: for a folder that is thrown away anyway.
set -euo pipefail

dir=${1:?usage: stop.sh DIR [--now]}
patience=40
[ "${2:-}" = "--now" ] && patience=0
[ -f "$dir/pids" ] || exit 0
for pid in $(tac "$dir/pids"); do
  # Only what still runs in that folder: a process id may have passed to somebody else.
  if tr '\0' ' ' < "/proc/$pid/cmdline" 2>/dev/null | grep -qF -- "$dir"; then
    kill "$pid" 2>/dev/null || true
    for _ in $(seq 1 "$patience"); do kill -0 "$pid" 2>/dev/null || break; sleep 0.05; done
    kill -9 "$pid" 2>/dev/null || true
  fi
done
rm -f "$dir/pids"
