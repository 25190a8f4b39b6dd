# Limits itself, moves itself into the given cgroups, offers itself first to the kernel's out-of-memory
# killer, and becomes the command.
# usage: sh join.sh SCORE FILE_BLOCKS DATA_KIB [CGROUP...] -- COMMAND [ARGUMENT...]
#   FILE_BLOCKS  largest file, in blocks of 512 bytes
#   DATA_KIB     memory of each process, or "unlimited"
echo "$1" >/proc/self/oom_score_adj 2>/dev/null
ulimit -c 0
ulimit -f "$2" || exit 125
ulimit -d "$3" || exit 125
shift 3
while [ "$1" != -- ]; do
  echo 0 >"$1/cgroup.procs" || exit 125
  shift
done
shift
exec "$@"
