#!/usr/bin/env bash
# Prints the commit that is checked out, with ".dirty" behind it when files that are part of the program differ from it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
commit=$(git rev-parse --short=12 HEAD 2>/dev/null) || { echo unknown; exit 0; }
if [ -n "$(git status --porcelain -- src Directory.Build.props Directory.Packages.props global.json 2>/dev/null)" ]; then
  commit+=.dirty
fi
echo "$commit"
