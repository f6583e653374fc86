#!/bin/sh
# Installs the Debian packages that a make target needs: as root at once, otherwise it prints the one line to run.
# "venv" must succeed; the others may fail: the tests that need them then say loudly that they were skipped.
set -u
case "$1" in
venv)
    # LightGBM's wheel does not bring the OpenMP library that slim images lack
    python3 -c 'import ctypes, ensurepip, venv; ctypes.CDLL("libgomp.so.1")' 2>/dev/null && exit 0
    packages="python3-venv libgomp1" ;;
browser)
    command -v chromium >/dev/null && [ -e /usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc ] && exit 0
    packages="chromium fonts-noto-cjk" ;;
broker)
    { command -v mosquitto || command -v /usr/sbin/mosquitto; } >/dev/null && command -v mosquitto_passwd >/dev/null && exit 0
    packages=mosquitto ;;
*) echo "usage: $0 venv|browser|broker" >&2; exit 2 ;;
esac
if [ "$(id -u)" = 0 ]; then
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $packages; } >/dev/null && exit 0
    echo "could not install: $packages" >&2
else
    echo "please run:  sudo apt-get install $packages" >&2
fi
[ "$1" != venv ]
