#!/bin/sh
# Installs Debian's redis-server as root, without letting the package start its service: tiershop runs its own
# processes, on its own ports, with its own policies. policy-rc.d is Debian's way to say so.
set -eu
export DEBIAN_FRONTEND=noninteractive

policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  trap 'rm -f "$policy"' EXIT
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod 755 "$policy"
fi

install() { apt-get -o DPkg::Lock::Timeout=120 install --yes --quiet --no-install-recommends redis-server; }

# A new machine has no package lists yet, an old one has stale lists: fetch them only when it does not work without.
install || { apt-get -o DPkg::Lock::Timeout=120 update --quiet && install; }
