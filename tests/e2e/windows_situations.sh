#!/bin/sh
# Where a Windows station may find itself, under wine (WINE, STATION): drives,
# shares, backslashes, no environment, another time zone. Called by
# tests/win32/run.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_windows.sh"

# as_released DIR: its files are the release's, with their times.
as_released() {
	same_but_ours "$update" "$1" &&
		(cd "$update" && find . -type f -printf '%T@ %p\n' | sort) \
			>"$work/times" &&
		(cd "$1" && find . -type f -not -path './.erpsync/*' \
			-not -path './bkp_remote*' -printf '%T@ %p\n' | sort) |
		diff "$work/times" - >"$work/detail"
}

# nothing_of DIR ARGS...: an update of it finds nothing to do.
nothing_of() {
	station 0 "an update of $*" update --yes --server "127.0.0.1:$PORT" \
		--dir "$@"
	check "$*: nothing is to be done" has "No update needed."
}

# without COMMAND: as who has no home, no folder for temporary files, no name.
without() {
	for name in HOME USERPROFILE APPDATA LOCALAPPDATA TEMP TMP USERNAME \
		HOMEDRIVE HOMEPATH COMPUTERNAME; do
		set -- "set $name=&& $1"
	done
	code=0
	timeout -k 5 120 "$WINE" cmd /c "$1" >"$work/out" 2>"$work/err" \
		</dev/null || code=$?
}

st=$work/st
mkdir -p "$update/sub" "$st" "$work/drive" "$work/share/client"
"$tools/noise" 1 300000 >"$update/smartclient.exe"
seq 1 300 >"$update/sub/f.txt"
touch -d '2024-01-02T03:04:05.1234567' "$update/sub/f.txt"
touch -d '2024-07-02T03:04:05.1234567' "$update/smartclient.exe"
own "$st" "$work/drive" "$work/share/client"
windows_ini
start_server
check "the server has a release for Windows" logged "windows: published"

# Times are the same wherever the station goes, in summer and in winter.
WINE_TZ='<-03>3'
export WINE_TZ
update_of 0 "an update in one time zone" "$st"
check "times are the release's" as_released "$st"
nothing_of "Z:$st" --checksum
for WINE_TZ in UTC0 'STD-1DST,0/0,365/23' 'STD-1DST,365/0,365/1'; do
	nothing_of "Z:$st"
	check "in $WINE_TZ, too" as_released "$st"
done
unset WINE_TZ

# One folder in many ways to write it.
back=$(echo "$st" | tr / '\\')
for name in "Z:$back\\" "Z:$back\\\\" "Z:$st/" "Z:$back\\." "$back" "\\\\?\\Z:$back"; do
	nothing_of "$name"
done
# What cmd makes of "folder\" is no folder, and is not taken for one.
station 11 "a quote in a name" verify --dir "Z:$back\" --quiet"
check "it is told" has 'st" --quiet'

# A drive of its own, as subst makes it, and a share.
drives=$("$WINE" winepath -u 'c:\' 2>/dev/null)
drives=${drives%/c:*}
ln -s "$work/drive" "$drives/x:"
mkdir -p "$drives/unc/server"
ln -s "$work/share" "$drives/unc/server/share"
station 1 "the root of a drive" update --yes --dir 'X:\' \
	--server "127.0.0.1:$PORT"
check "it is told" has "is the root of the whole system"
mkdir "$work/drive/.erpsync"
own "$work/drive/.erpsync"
station 0 "the root of a drive that is a client's" update --yes --dir 'X:\' \
	--server "127.0.0.1:$PORT"
check "it is the release" as_released "$work/drive"
nothing_of 'X:'
nothing_of 'x:/'
station 0 "verify of a drive" verify --dir 'X:\'
station 0 "a folder of a share" update --yes --dir '\\server\share\client' \
	--server "127.0.0.1:$PORT"
check "it is the release" as_released "$work/share/client"
nothing_of '//server/share/client/'
nothing_of '\\?\UNC\server\share\client'
station 1 "the share above a client's folder" update --yes \
	--dir '\\server\share' --server "127.0.0.1:$PORT"
check "the client's folder is named" has "holds the client folder client"

# No environment.
echo changed >"$st/sub/f.txt"
without "$STATION update --yes --dir Z:$st --server 127.0.0.1:$PORT --lang en"
check "an update without an environment: 0, not $code" [ $code -eq 0 ]
check "it is the release" as_released "$st"
without "$STATION history --dir Z:$st --lang en"
check "history without an environment: 0, not $code" [ $code -eq 0 ]
without "$STATION self-test Z:$st --lang en"
check "a self-test without an environment: 0, not $code" [ $code -eq 0 ]

rm "$drives/x:" "$drives/unc/server/share"
finish
