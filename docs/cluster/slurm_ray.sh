#!/bin/bash
# One run on all nodes of a SLURM allocation: Ray is started inside it, one step a node, and ends with it.
#
#   sbatch --nodes=8 docs/cluster/slurm_ray.sh --subset verified -m hosted_vllm/NAME --api-base http://gpu1:8000/v1 -o runs/verified
#
# What stands behind the script's name goes to `runoff run`. The run's folder must lie on a file system that all nodes
# share. Submit the same line again after a time limit or a failure: the run goes on. RUNOFF_BIN: the folder of `runoff` and
# `ray`, where they are not on the PATH.
#SBATCH --job-name=runoff
#SBATCH --ntasks-per-node=1
#SBATCH --signal=B:TERM@120
set -euo pipefail

export PATH="${RUNOFF_BIN:+$RUNOFF_BIN:}$PATH" RAY_USAGE_STATS_ENABLED=0
port="${RAY_PORT:-6379}"
mapfile -t nodes < <(scontrol show hostnames "$SLURM_JOB_NODELIST")
head="${nodes[0]}"

# A step that dies takes its node with it and nothing else: its tasks go on elsewhere.
on_node() { srun --nodes=1 --ntasks=1 --nodelist="$1" --job-name="ray-$1" "${@:2}"; }

# Debian's /etc/hosts gives a host's own name 127.0.1.1, by which no other machine reaches it.
addresses="$(on_node "$head" bash -c 'hostname --ip-address; hostname --all-ip-addresses' | tr ' ' '\n' | grep -E '^[0-9.]+$')"
address="$(grep -m1 -v '^127\.' <<<"$addresses" || head -n1 <<<"$addresses"):$port"
on_node "$head" ray start --head --block --port="$port" --node-name="$head" --include-dashboard=false &
until ray health-check --address "$address" 2>/dev/null; do
    kill -0 $! || { echo "slurm_ray: Ray did not start on $head" >&2; exit 3; }
    sleep 2
done
for node in "${nodes[@]:1}"; do
    on_node "$node" ray start --block --address="$address" --node-name="$node" &
done

# In the background, so that SLURM's TERM, two minutes before the time limit, reaches it through this shell.
runoff run "$@" --cluster "$address" &
driver=$!
trap 'kill -TERM $driver' TERM
code=0
wait $driver || code=$?
if kill -0 $driver 2>/dev/null; then code=0; wait $driver || code=$?; fi # the trap had cut the first wait short
exit $code
