#!/bin/bash
# Installs this checkout of Runoff for one phase of the workflow: install.sh PHASE
set -euo pipefail
source=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
extras=bot
[ "$1" != solve ] || extras=bot,local # phases that post need no sandbox and no model
python -m venv "$RUNNER_TEMP/runoff"
"$RUNNER_TEMP/runoff/bin/pip" install --quiet --disable-pip-version-check "$source[$extras]"
if [ "$1" = solve ] && sysctl -n kernel.apparmor_restrict_unprivileged_userns 2>/dev/null | grep -qx 1; then
    # Ubuntu's runners forbid what an ordinary user's sandbox is made of.
    sudo sysctl -q -w kernel.apparmor_restrict_unprivileged_userns=0
fi
