# Moves itself into the given cgroups, offers itself first to the kernel's out-of-memory killer,
# and becomes the command.
# usage: sh join.sh SCORE [CGROUP...] -- COMMAND [ARGUMENT...]
echo "$1" >/proc/self/oom_score_adj 2>/dev/null
shift
while [ "$1" != -- ]; do
  echo 0 >"$1/cgroup.procs" || exit 125
  shift
done
shift
exec "$@"
