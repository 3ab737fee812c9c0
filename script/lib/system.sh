# What system this is, and how to install on it. Needs say.sh.
require_known_system() {
  local id="" version=""
  if [ -r /etc/os-release ]; then
    id=$(. /etc/os-release && echo "${ID:-}")
    version=$(. /etc/os-release && echo "${VERSION_ID:-}")
  fi
  case "$id $version" in
    "debian 12"|"debian 13"|"ubuntu 24.04") ;;
    *) stop 1 "This is ${id:-an unknown system} ${version}. Holdfast is built on Debian 12, Debian 13 and Ubuntu 24.04; install the packages that script/bootstrap names by hand to try it elsewhere." ;;
  esac
}

require_swift() {
  command -v swift >/dev/null || stop 1 "Swift 6.2 or later is needed and 'swift' is not on the PATH. Install it from https://swift.org/install and run this again."
  local version
  version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9]*\.[0-9]*\).*/\1/p' | head -n 1)
  case "$version" in
    6.[2-9]*|6.[1-9][0-9]*|[7-9].*|[1-9][0-9].*) ;;
    *) stop 1 "Swift 6.2 or later is needed; this is ${version:-unknown}. Install a newer one from https://swift.org/install and run this again." ;;
  esac
}

install_packages() {
  local missing=() package
  for package in "$@"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] && return 0
  # A release has one version of the C++ library's headers; clang needs those of its newest gcc.
  if ! apt-cache show libstdc++-12-dev >/dev/null 2>&1; then
    missing=("${missing[@]/libstdc++-12-dev/libstdc++-14-dev}")
  fi
  say "Installing: ${missing[*]}"
  local root=()
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || stop 1 "Installing needs root: run this as root, or install sudo, or run: apt-get install ${missing[*]}"
    root=(sudo)
  fi
  "${root[@]}" apt-get update -qq || stop 1 "apt-get update failed; see above. Check the network and /etc/apt/sources.list, then run this again."
  "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null \
    || stop 1 "apt-get could not install: ${missing[*]}. See above."
}
