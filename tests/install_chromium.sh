#!/usr/bin/env bash
# The browser tests drive Debian's Chromium. Installs it where that is possible without a password;
# elsewhere says how, and the browser tests fail until it is there.
set -euo pipefail
command -v chromium >/dev/null && exit 0
as_root=()
if [ "$(id -u)" != 0 ]; then as_root=(sudo -n); fi
if command -v apt-get >/dev/null && "${as_root[@]}" true 2>/dev/null; then
  "${as_root[@]}" apt-get update -qq
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq chromium fonts-noto-core >/dev/null
else
  echo "The browser tests need Chromium: apt install chromium fonts-noto-core"
fi
