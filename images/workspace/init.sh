#!/bin/bash
# The first process of a workspace's container: starts the forwarder, the runtime and the terminals, each as the user it is to be,
# starts again what ends by itself, reaps what agents left behind (bash waits for every child), and passes the end on.
# What falls again and again ends the container. SIGUSR1 ends and starts again the runtime, SIGUSR2 the terminals; a second
# one of the same kind does not ask. The runtime's output is the container's standard output, the terminals' its standard error.
set -u

# What agents and the runtime write, both may change: they share a group.
umask 0002
readonly PROGRAMS=/usr/lib/aileron
readonly NODE=$PROGRAMS/bin/node
# What a part needs to put a command into the agent's user.
readonly CAPABILITIES=+setuid,+setgid,+kill
readonly MOST_FALLS=3 WITHIN_SECONDS=60 EXIT_FALLEN=70
declare -A pid=() asked=() falls=() first_fall=()
ending= code=0

forwarder() {
  exec env -i PATH=/usr/bin:/bin setpriv --reuid "$AILERON_PROXY_UID" --regid "$AILERON_PROXY_GID" --clear-groups --no-new-privs \
    --bounding-set=-all --inh-caps=-all --ambient-caps=-all -- "$NODE" "$PROGRAMS/inside/forward.mjs" /run/proxy/proxy.sock
}

part() {
  exec env -i PATH=/usr/local/bin:/usr/bin:/bin LANG=C.UTF-8 HOME=/nonexistent \
    AILERON_LISTEN="unix:/run/workspace/$1.sock" AILERON_CONFIG_FILE="/run/workspace/$1.json" \
    setpriv --reuid "$AILERON_PART_UID" --regid 10000 --clear-groups --no-new-privs --bounding-set="-all,$CAPABILITIES" \
    --inh-caps="-all,$CAPABILITIES" --ambient-caps="-all,$CAPABILITIES" -- "$NODE" "$PROGRAMS/workspace-$1/dist/main.js"
}

start() {
  case $1 in
    forwarder) forwarder & ;;
    runtime) part runtime 2>&1 & ;;
    terminal) part terminal >&2 & ;;
  esac
  pid[$1]=$!
}

again() {
  local process=${pid[$1]:-}
  [ -n "$process" ] || return
  if [ "${asked[$1]:-}" = "$process" ]; then kill -KILL "$process"; else kill -TERM "$process"; fi
  asked[$1]=$process
}

end() {
  ending=1
  for process in "${pid[@]}"; do kill -TERM "$process"; done
}

# One that was asked to end starts at once; one that fell waits a little.
fallen() {
  if [ $((SECONDS - ${first_fall[$1]:-0})) -gt $WITHIN_SECONDS ]; then falls[$1]=0 first_fall[$1]=$SECONDS; fi
  falls[$1]=$((${falls[$1]:-0} + 1))
  if [ "${falls[$1]}" -ge $MOST_FALLS ]; then code=$EXIT_FALLEN; end; else sleep 1; fi
}

trap end TERM INT
trap 'again runtime' USR1
trap 'again terminal' USR2

for name in forwarder runtime terminal; do start "$name"; done
while [ ${#pid[@]} -gt 0 ]; do
  ended=
  wait -n -p ended "${pid[@]}"
  [ -n "${ended:-}" ] || continue
  for name in "${!pid[@]}"; do
    [ "${pid[$name]}" = "$ended" ] || continue
    unset "pid[$name]"
    [ -n "$ending" ] || [ "${asked[$name]:-}" = "$ended" ] || fallen "$name"
    [ -n "$ending" ] || start "$name"
  done
done
exit $code
