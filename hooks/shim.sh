#!/bin/sh
# Written by `qmigrate hook install`; `qmigrate hook uninstall` takes it out again.
# What was here before runs first. Only what the shell has built in is used: desktop clients have a bare PATH.
before=$0.before-qmigrate
if [ -x "$before" ]; then "$before" "$@" || exit; fi
qmigrate=@BINARY@
[ -x "$qmigrate" ] || qmigrate=$(command -v qmigrate) || {
    echo "qmigrate is neither where it was nor on the PATH: new bypasses are not looked for" >&2
    exit @MISSING@
}
exec "$qmigrate" hook run
