#!/bin/bash
# Runs one phase of the workflow: phase.sh start|solve|publish
set -euo pipefail
runoff="$RUNNER_TEMP/runoff/bin/runoff" artifact="$RUNNER_TEMP/runoff-artifact"
case $1 in
start) exec "$runoff" bot start ;;
solve)
    # The key goes to the process that talks to the model, by the name that the model's client reads.
    [[ -z $MODEL_KEY_NAME || $MODEL_KEY_NAME =~ ^[A-Z][A-Z0-9_]*_(KEY|TOKEN)$ ]] ||
        { echo "model-key-name must be a name such as ANTHROPIC_API_KEY" >&2; exit 2; }
    [ -z "$MODEL_KEY_NAME" ] || export "$MODEL_KEY_NAME=$MODEL_KEY"
    unset MODEL_KEY
    # Sandboxes live where the job's other files do: a disk even where the runner is a container, and cleared after it.
    export RUNOFF_STATE="${RUNOFF_STATE:-$RUNNER_TEMP/runoff-state}"
    exec "$runoff" bot solve -o "$artifact" --budget "$BUDGET" --records "$RUNNER_TEMP/runoff-records" -m "$MODEL"
    ;;
publish) exec "$runoff" bot publish "$artifact" ;;
*) echo "there is no phase '$1': write start, solve or publish" >&2; exit 2 ;;
esac
