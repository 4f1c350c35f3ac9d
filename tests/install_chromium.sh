#!/usr/bin/env bash
# The browser tests drive Debian's Chromium. Installs it where that is possible without a password;
# elsewhere they say that they were skipped (in CI a missing browser is a failure).
set -euo pipefail
command -v chromium >/dev/null && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium fonts-noto-core >/dev/null
else
  echo "Chromium is not installed: the browser tests will be skipped (apt install chromium)."
fi
