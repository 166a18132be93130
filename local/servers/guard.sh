#!/bin/sh
# Stops servers whose starter died without stopping them (kill -9, a crash of a test run).
#
# The starter holds the other end of standard input and writes the whole plan, one line, whenever it changes; only the
# last line counts. A plan is stages in order, each "SIGNAL:SECONDS:PID,PID": signal these, wait that long, then SIGKILL.
# When the input ends, the starter is gone: the plan is carried out. A starter that ends well sends an empty plan first.
# Arguments: directories to delete at the very end.
#
# A shell script and not Node: one runs beside every process that starts servers, and must cost nothing.
plan=
while IFS= read -r line; do plan=$line; done

# A zombie has ended; whoever inherits it may take its time to notice, or never do (process 1 of a container).
is_zombie() { grep -qs '^State:[[:space:]]*Z' "/proc/$1/status"; }

any_alive() {
  for pid in $1; do
    kill -0 "$pid" 2>/dev/null && ! is_zombie "$pid" && return 0
  done
  return 1
}

for stage in $plan; do
  signal=${stage%%:*}
  rest=${stage#*:}
  tenths=$((${rest%%:*} * 10))
  pids=$(printf '%s' "${rest#*:}" | tr ',' ' ')
  for pid in $pids; do
    kill -s "$signal" "$pid" 2>/dev/null
    kill -s CONT "$pid" 2>/dev/null # a frozen process would not hear the first signal
  done
  while [ "$tenths" -gt 0 ] && any_alive "$pids"; do
    sleep 0.1
    tenths=$((tenths - 1))
  done
  for pid in $pids; do
    kill -s KILL "$pid" 2>/dev/null
  done
done

[ "$#" -eq 0 ] || rm -rf -- "$@"
