# Parent of one session: it starts it, ends it in time even when Bindery is gone, and says how it ended.
#
# usage: sh keeper.sh DIRECTORY FILTER INTERVAL -- COMMAND [ARGUMENT...]
#   DIRECTORY  the session's own; standard output is its log, open for reading and appending
#   FILTER     system call filter for descriptor 3; "-" when there is no sandbox
#   INTERVAL   seconds between two looks at the files that say how long it may live
# Files in DIRECTORY
#   arguments     read by the command at descriptor 4
#   cgroups       directories to remove at the end, one a line; the first counts memory
#   ends-at       hard end, seconds since 1970; may be replaced at any time
#   idle-seconds  ends when `activity` is not touched for this long; 0 for never
#   activity      its time is the last activity
#   stop-as       reason to write down when TERM comes
#   keeper        made here: our pid and start time
#   exit.json     made here, last of all
set -fu
umask 077
directory=$1 filter=$2 interval=$3
shift 4
cd -- "$directory" || exit 1

grace=3
child= ending= watcher= killer= code= interrupted=

# Field 22 of stat, counted from behind the program's name, which may hold anything.
start_time() {
  IFS= read -r stat <"/proc/$1/stat" || return 1
  stat=${stat##*) }
  set -- $stat
  shift 19
  started=$1
}

# Whole or not at all, for readers at any moment.
replace() {
  printf '%s\n' "$2" >"$1.new" && mv -f "$1.new" "$1"
}

# Two keepers for one session would fight: the first one stays.
take_place() {
  start_time $$ || exit 1
  set -C
  printf '%s %s\n' $$ "$started" >keeper || exit 1
  set +C
  # Ended before it began. Who writes that file looks for us afterwards.
  [ ! -e exit.json ] || exit 0
}

# The init inside, as seen from here: child of bubblewrap's first process inside.
find_inside() {
  inside=$child
  [ "$filter" = - ] && return 0
  for _ in 1 2; do
    next=
    # The file has no newline at its end, so that `read` fails even when it read a number.
    read -r next _ <"/proc/$inside/task/$inside/children"
    [ -n "$next" ] || return 1
    inside=$next
  done 2>/dev/null
}

# Before there is an init nothing is worth a farewell. What the child made so far goes first: it may
# not have been told yet to end with its parent.
kill_young() {
  made=
  read -r made <"/proc/$child/task/$child/children"
  kill -KILL $made "$child"
} 2>/dev/null

# First politely, then for good; what asked first is the reason.
end() {
  interrupted=yes
  [ -z "$ending" ] || return 0
  ending=$1
  [ -n "$child" ] || return 0
  if find_inside; then kill -TERM "$inside" 2>/dev/null; else kill_young; fi
  (
    trap - TERM
    sleep $grace
    kill -KILL "$child"
  ) 2>/dev/null &
  killer=$!
}

asked() {
  reason=stopped
  [ -r stop-as ] && read -r reason <stop-as
  case $reason in
    stopped | idle | age | exited | out-of-memory | out-of-disk | killed) ;;
    *) reason=stopped ;;
  esac
  end "$reason"
}

is_number() {
  case $1 in '' | *[!0-9]*) return 1 ;; esac
}

# Measures with the clock that never jumps; the calendar is asked only for a new hard end.
watch() {
  keeper=$1
  known_end= deadline= seen= quiet_since=
  while sleep "$interval"; do
    IFS= read -r stat </proc/self/stat
    stat=${stat##*) }
    set -- $stat
    [ "$2" = "$keeper" ] || exit 0
    IFS='. ' read -r uptime _ </proc/uptime

    ends_at=
    [ -r ends-at ] && read -r ends_at <ends-at
    if is_number "$ends_at" && [ "$ends_at" != "$known_end" ]; then
      known_end=$ends_at
      deadline=$((uptime + ends_at - $(date +%s)))
    fi
    [ -n "$deadline" ] && [ "$uptime" -ge "$deadline" ] && kill -USR1 "$keeper" && exit 0

    idle=0
    [ -r idle-seconds ] && read -r idle <idle-seconds
    is_number "$idle" || idle=0
    active=$(stat -c %Y activity 2>/dev/null)
    if [ "$idle" = 0 ] || [ "$active" != "$seen" ] || [ -z "$quiet_since" ]; then
      seen=$active quiet_since=$uptime
    fi
    [ "$idle" != 0 ] && [ $((uptime - quiet_since)) -ge "$idle" ] && kill -USR2 "$keeper" && exit 0
  done
}

# Waiting ends early when a signal comes; 127 says that the child was waited for already.
await_child() {
  while :; do
    interrupted=
    wait "$child"
    status=$?
    [ "$status" -eq 127 ] && [ -n "$code" ] && return
    code=$status
    [ -n "$interrupted" ] || return
  done
}

count_kills() {
  kills=0
  [ -r cgroups ] && read -r memory <cgroups || return 0
  for counters in "$memory/memory.oom_control" "$memory/memory.events"; do
    [ -r "$counters" ] || continue
    while read -r name value; do
      [ "$name" = oom_kill ] && is_number "$value" && kills=$value
    done <"$counters"
  done
}

remove_cgroups() {
  [ -r cgroups ] || return 0
  while IFS= read -r group; do
    for _ in 1 2 3 4 5 6 7 8 9 10; do
      [ -d "$group" ] || break
      rmdir "$group" 2>/dev/null && break
      while read -r pid; do kill -KILL "$pid"; done <"$group/cgroup.procs" 2>/dev/null
      sleep 0.05
    done
  done <cgroups
}

trap asked TERM
trap 'end age' USR1
trap 'end idle' USR2
trap '' HUP INT QUIT

take_place
if [ -z "$ending" ]; then
  (
    trap - TERM USR1 USR2 HUP INT QUIT
    umask 022
    [ "$filter" = - ] || exec 3<"$filter" 4<arguments
    exec "$@"
  ) </dev/null &
  child=$!
  (
    trap - TERM USR1 USR2
    watch $$
  ) </dev/null >/dev/null 2>&1 &
  watcher=$!
  # Asked while the child was being made: the trap could not reach it yet.
  [ -z "$ending" ] || kill_young
  await_child
  kill "$watcher" $killer 2>/dev/null
  count_kills
else
  code=143 kills=0
fi

if [ -z "$ending" ]; then
  ending=exited
  [ "$code" -eq 137 ] && [ "$kills" -gt 0 ] && ending=out-of-memory
fi
remove_cgroups
replace exit.json "{\"exitCode\":$code,\"end\":\"$ending\",\"at\":$(date +%s),\"outOfMemoryKills\":$kills}"
