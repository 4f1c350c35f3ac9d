#!/usr/bin/env bash
# The browser tests drive Debian's Chromium, the build without a desktop where there is one: it takes
# half of the processor time. Installs it where that is possible without a password; elsewhere says
# how, and the browser tests fail until there is one.
set -euo pipefail
command -v chromium-headless-shell >/dev/null && exit 0
as_root=()
if [ "$(id -u)" != 0 ]; then as_root=(sudo -n); fi
install() {
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
    -o Acquire::Retries=0 -o Acquire::http::Timeout=20 "$@" >/dev/null
}
if ! command -v apt-get >/dev/null || ! "${as_root[@]}" true 2>/dev/null; then
  command -v chromium >/dev/null ||
    echo "The browser tests need Chromium: apt install chromium-headless-shell fonts-noto-core"
elif command -v chromium >/dev/null; then
  # The tests pass with it too, so nothing waits for lists of packages, or for a network.
  install chromium-headless-shell 2>/dev/null || true
else
  "${as_root[@]}" apt-get update -qq
  install chromium-headless-shell fonts-noto-core || install chromium fonts-noto-core
fi
