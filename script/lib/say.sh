# Words for the person at the terminal.
say() { printf '\033[1mholdfast\033[0m  %s\n' "$*" >&2; }
stop() { local code=$1; shift; printf '\033[1mholdfast\033[0m  %s\n' "$*" >&2; exit "$code"; }
