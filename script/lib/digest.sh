# Long runs, told in short: everything is kept in a file, what went well isn't printed, what failed is said once more at the end.

# What nobody needs to see of a run that goes well: tests begun and passed, checks that held, files compiled.
readonly quiet_lines='^(◇|✔ (Test "|Test [a-z(]|Suite)|↳|  ok    )|^\[[0-9]+/[0-9]+\] |^Test (Case|Suite) .* (started|passed)|^\[[0-9/]+\] Testing'
# What says that something is wrong, in the words of the tools that are run.
readonly wrong_lines='✘|^  FAIL|FAILED|(^|[^a-z])error:|Fatal error|Crash|terminated by signal|not done after|UNSTEADY'

# digest WHOLE FILE: standard input into FILE, and to the terminal: all of it if WHOLE is 1, else without what went well.
digest() {
  if [ "$1" = 1 ]; then tee "$2"; else tee "$2" | grep -E --line-buffered -v "$quiet_lines"; fi
  return 0
}

# failures FILE: at most 60 lines of it that say what is wrong.
failures() { grep -aE "$wrong_lines" "$1" | awk '!seen[$0]++' | cut -c1-400 | head -60; }
