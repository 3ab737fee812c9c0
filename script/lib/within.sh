# A limit for commands that might never end.

# Process ids below one, deepest first.
descendants() {
  local child
  for child in $(ps -o pid= --ppid "$1"); do descendants "$child"; echo "$child"; done
}

# within SECONDS WHAT COMMAND…: runs the command; after so long it and all that it started are ended, by a signal at which they print where they are.
# What has the id `spared`, and what that started, is left alone.
within() {
  local seconds=$1 what=$2; shift 2
  local watchdog outcome
  (
    sleep "$seconds" & wait $!
    say "$what: not done after $seconds s. It is ended; where it hangs follows."
    own=" $BASHPID ${spared:-} $(for id in "$BASHPID" ${spared:-}; do descendants "$id"; done | tr '\n' ' ')"
    for signal in ABRT KILL; do
      for id in $(descendants $$); do [[ "$own" == *" $id "* ]] || kill -"$signal" "$id" 2>/dev/null; done
      sleep 45
    done
  ) &
  watchdog=$!
  "$@"
  outcome=$?
  kill $(descendants $watchdog) $watchdog 2>/dev/null
  wait $watchdog 2>/dev/null
  return $outcome
}
