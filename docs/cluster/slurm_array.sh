#!/bin/bash
# One run in parts, each a job of its own without Ray: nothing is shared but the folder that they write to.
#
#   RUNS=runs/verified sbatch --array=1-16 docs/cluster/slurm_array.sh --subset verified -m hosted_vllm/NAME ...
#   runoff merge runs/verified/part-* -o runs/verified/all && runoff grade runs/verified/all
#
# What stands behind the script's name goes to `runoff run`. A part that failed is submitted again by its number
# (--array=7): it goes on where it was, as long as the number of parts is the same (PARTS, by default the array's).
#SBATCH --job-name=runoff-part
#SBATCH --nodes=1
set -euo pipefail

export PATH="${RUNOFF_BIN:+$RUNOFF_BIN:}$PATH"
part="$SLURM_ARRAY_TASK_ID" parts="${PARTS:-$SLURM_ARRAY_TASK_COUNT}"
exec runoff run "$@" --slice "$part/$parts" --no-grade -o "${RUNS:?set RUNS to a folder that all parts share}/part-$part"
