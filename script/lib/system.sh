# What system this is, what Holdfast needs on it, and how to install that. Needs say.sh.
require_known_system() {
  local id="" version=""
  if [ -r /etc/os-release ]; then
    id=$(. /etc/os-release && echo "${ID:-}")
    version=$(. /etc/os-release && echo "${VERSION_ID:-}")
  fi
  system="$id $version"
  case "$system" in
    "debian 12"|"debian 13"|"ubuntu 24.04") ;;
    *) stop 1 "This is ${id:-an unknown system} ${version}. Holdfast is built on Debian 12, Debian 13 and Ubuntu 24.04; install the packages that script/lib/system.sh names by hand to try it elsewhere." ;;
  esac
}

require_swift() {
  command -v swift >/dev/null || stop 1 "Swift 6.2 or later is needed and 'swift' is not on the PATH. Install it from https://swift.org/install and run this again."
}

# Asked after the packages are there, since Swift itself needs some of them.
require_new_swift() {
  local answer version
  answer=$(swift --version 2>&1) || stop 1 "'swift --version' fails: $answer"
  version=$(sed -n 's/.*Swift version \([0-9]*\.[0-9]*\).*/\1/p' <<< "$answer" | head -n 1)
  case "$version" in
    6.[2-9]*|6.[1-9][0-9]*|[7-9].*|[1-9][0-9].*) ;;
    *) stop 1 "Swift 6.2 or later is needed; this is ${version:-unknown}. Install a newer one from https://swift.org/install and run this again." ;;
  esac
}

# The C compiler: the one on the PATH, else the one that lies beside Swift's own compiler.
find_clang() {
  local beside
  beside=$(dirname "$(readlink -f "$(command -v swift)")")/clang
  command -v clang || { [ -x "$beside" ] && echo "$beside"; }
}

# What building needs. Swift brings a compiler and a linker (lld), not a C library: headers and start files are the system's.
build_packages() {
  echo ca-certificates git binutils libc6-dev libsodium-dev libcurl4-openssl-dev libssh-dev libqrencode-dev libgfshare-dev libpq-dev libsqlite3-dev \
    libxml2-dev libncurses6 zlib1g-dev tzdata pkg-config python3 python3-pip python3-venv iso-codes
  # A release has one version of the C++ library's headers; Debian 13 keeps the gold linker, Swift's default, in a package of its own.
  case "$system" in
    "debian 12") echo libstdc++-12-dev ;;
    "debian 13") echo libstdc++-14-dev binutils-gold ;;
    "ubuntu 24.04") echo libstdc++-13-dev ;;
  esac
  find_clang >/dev/null || echo clang
}

# What the tests need beside it. Ubuntu has Chromium as a snap only, which can't read a certificate store of ours:
# there the browser tests use Google Chrome if it is installed, and say so if it is not.
test_packages() {
  echo age haproxy iproute2 libnss3-tools testssl.sh openssl sqlite3 procps fido2-tools pgbackrest
  case "$system" in
    debian*) echo chromium ;;
    *) command -v google-chrome >/dev/null || say "Ubuntu has no Chromium package that can be tested with; install Google Chrome to run the browser tests." ;;
  esac
}

bench_packages() { echo wrk sqlite3 procps haproxy openssl fail2ban; }

# PostgreSQL as the release has it, for the tests and measurements, which start servers of their own: the package must not start one.
install_postgres() {
  local server root
  case "$system" in
    "debian 12") server=postgresql-15 ;;
    "debian 13") server=postgresql-17 ;;
    "ubuntu 24.04") server=postgresql-16 ;;
  esac
  dpkg-query -W -f='${Status}' "$server" 2>/dev/null | grep -q 'ok installed' && return 0
  install_packages postgresql-common
  root=($(as_root)) || stop 1 "Installing needs root: run this as root, or install sudo."
  "${root[@]}" sed -i -E 's/^#?[[:space:]]*create_main_cluster[[:space:]]*=.*/create_main_cluster = false/' /etc/postgresql-common/createcluster.conf
  install_packages "$server"
}

# OpenSSH's server, which tests start for themselves: the package must not open a port on this machine.
install_ssh_server() {
  local root policy=/usr/sbin/policy-rc.d
  [ -x /usr/sbin/sshd ] && return 0
  root=($(as_root)) || stop 1 "Installing needs root: run this as root, or install sudo."
  if [ -e "$policy" ]; then install_packages openssh-server; return; fi
  printf '#!/bin/sh\nexit 101\n' | "${root[@]}" tee "$policy" >/dev/null
  "${root[@]}" chmod 755 "$policy"
  (install_packages openssh-server)
  local outcome=$?
  "${root[@]}" rm -f "$policy"
  [ $outcome -eq 0 ] || exit $outcome
  if command -v systemctl >/dev/null; then "${root[@]}" systemctl disable --quiet ssh 2>/dev/null || true; fi
}

# What to put before a command that needs root.
as_root() {
  [ "$(id -u)" -ne 0 ] || { echo env; return 0; }
  command -v sudo >/dev/null && echo sudo
}

install_packages() {
  local missing=() package
  for package in "$@"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] && return 0
  say "Installing: ${missing[*]}"
  local root
  root=($(as_root)) || stop 1 "Installing needs root: run this as root, or install sudo, or run: apt-get install ${missing[*]}"
  "${root[@]}" apt-get update -qq || stop 1 "apt-get update failed; see above. Check the network and /etc/apt/sources.list, then run this again."
  "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null \
    || stop 1 "apt-get could not install: ${missing[*]}. See above."
}
