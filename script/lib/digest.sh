# Long runs, told in short: everything is kept in a file, what went well isn't printed, and what failed is said once, at the end.

# What nobody needs to see of a run that goes well: tests begun and passed, checks that held, files compiled.
readonly quiet_lines='^(◇|✔ (Test "|Test [a-z(]|Suite)|↳|  ok    |Public key: )|^\[[0-9]+/[0-9]+\] |^Test (Case|Suite) .* (started|passed)|^\[[0-9/]+\] Testing|" (started|passed after .*)\.$'
# What says that something is wrong, in the words of the tools that are run. A test may fail once and hold when it runs again: only the end knows.
readonly wrong_lines='✘|^  FAIL|FAILED|(^|[^a-z])error:|Fatal error|Crash|terminated by signal|not done after'
# Of those, what says most: the outcome of a test, rather than of the suite around it.
readonly first_lines='^FAILED|not done after|recorded an issue|error:|Fatal error|Crash|terminated by signal'

# digest WHOLE FILE: standard input into FILE, and to the terminal: all of it if WHOLE is 1, else without what went well and without what is said at the end.
digest() {
  if [ "$1" = 1 ]; then tee "$2"; else tee "$2" | grep -E --line-buffered -v "$quiet_lines|$wrong_lines"; fi
  return 0
}

# failures FILE COUNT: at most COUNT lines of it that say what is wrong, those that say most first.
failures() {
  { grep -aE "$first_lines" "$1"; grep -aE "$wrong_lines" "$1"; } | awk '!seen[$0]++' | cut -c1-300 | head -n "$2"
}
