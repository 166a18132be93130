#!/bin/sh
# Installs Debian's redis-server as root, without letting the package start its service, now or at the next boot: tiershop
# runs its own processes, on its own ports, with its own policies. policy-rc.d is Debian's way to say so.
set -eu
export DEBIAN_FRONTEND=noninteractive

policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  trap 'rm -f "$policy"' EXIT
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod 755 "$policy"
fi

apt() { apt-get -qq -o DPkg::Lock::Timeout=120 -o Dpkg::Use-Pty=0 "$@"; }
install() { apt install --yes --no-install-recommends redis-server >/dev/null; }

# A new machine has no package lists, an old one has stale ones.
apt install --simulate redis-server >/dev/null 2>&1 || apt update
install || { apt update && install; }

if command -v systemctl >/dev/null; then systemctl disable --quiet redis-server 2>/dev/null || true; fi
