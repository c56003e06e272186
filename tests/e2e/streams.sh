#!/bin/sh
# What becomes of an update whose words reach nobody: standard streams that
# are closed, full, or given up by their reader. The exit code tells of the
# update, and no file of the folder gets what was meant for a stream.
. "$(dirname "$0")/lib.sh"

for v in 0 1; do
	make_tree "$work/v$v" $v
done
cp -a "$work/v1/." "$update"
write_ini
start_server
check "the server offers v1" offers "$work/v1"
st=$work/st
station="--server 127.0.0.1:$PORT --os linux --lang en"

# anew: the station has v0.
anew() {
	rm -rf "$st"
	cp -a "$work/v0" "$st"
	: >"$work/err"
}

# ends CODE TEXT: did the last command end so?
ends() {
	tail -n 3 "$work/err" >"$work/detail"
	check_code=$1
	if [ "$code" = "$check_code" ]; then
		pass
	else
		fail "$2: exit code $code"
	fi
}

# words: whatever is meant for people in files of ours.
words() {
	find "$st/.erpsync" -type f -exec grep -lai 'update\|scan\|folder' {} +
}

# Closed streams, of an update and of one that fails.
for closed in '>&-' '2>&-' '<&-' '>&- 2>&-' '<&- 2>&-' '<&- >&- 2>&-'; do
	anew
	code=0
	eval "\"$erpsync\" update --dir \"$st\" $station --yes -v --stats -i \
		$closed" >/dev/null 2>&1 || code=$?
	ends 0 "an update with $closed"
	check "... is whole" same_tree "$st" "$work/v1"
	check "... its words are in no file" [ -z "$(words)" ]
done
anew
code=0
"$erpsync" update --dir "$st" --server 127.0.0.1:1 --os linux --yes \
	--retries 0 <&- >&- 2>&- || code=$?
ends 35 "a failing update with all streams closed"
check "... its words are in no file" [ -z "$(words)" ]

# A full disk behind standard output, with and without a report.
for words in '' --stats -i '--format json'; do
	anew
	code=0
	# shellcheck disable=SC2086 # options
	"$erpsync" update --dir "$st" $station --yes $words \
		>/dev/full 2>"$work/err" || code=$?
	ends 0 "an update into a full disk: $words"
	check "... is whole" same_tree "$st" "$work/v1"
	check "... warns" grep -q 'Warning: write .*No space left' "$work/err"
done
anew
for format in text itemize json csv html; do
	code=0
	# shellcheck disable=SC2086 # options
	"$erpsync" check --dir "$st" $station --format $format \
		>/dev/full 2>"$work/err" || code=$?
	ends 11 "a check into a full disk: $format"
	check "... says so" grep -q 'No space left' "$work/err"
done


# A rollback and a recovery tell of the folder, too.
anew
update 0 "an update to take back" "$st"
for command in rollback recover; do
	code=0
	"$erpsync" $command --dir "$st" --lang en \
		>/dev/full 2>"$work/err" || code=$?
	ends 0 "$command into a full disk"
	check "... warns" grep -q 'Warning: write .*No space left' "$work/err"
done
check "... it is taken back" same_tree "$st" "$work/v0"
anew

# A reader who has seen enough.
for format in text itemize json csv html; do
	{
		code=0
		# shellcheck disable=SC2086 # options
		"$erpsync" check --dir "$st" $station --format $format \
			2>"$work/err" || code=$?
		echo $code >"$work/code"
	} | true
	code=$(cat "$work/code")
	ends 64 "a check whose reader is gone: $format"
	check "... is quiet" [ ! -s "$work/err" ]
done
{
	code=0
	# shellcheck disable=SC2086 # options
	"$erpsync" update --dir "$st" $station --yes -q --stats 2>"$work/err" ||
		code=$?
	echo $code >"$work/code"
} | true
code=$(cat "$work/code")
ends 0 "an update whose reader is gone"
check "... is quiet" [ ! -s "$work/err" ]
"$erpsync" --help | true
for command in history verify; do
	{
		"$erpsync" $command --dir "$st" --lang en 2>"$work/err"
		echo $? >"$work/code"
	} | true
	check "$command whose reader is gone" [ "$(cat "$work/code")" = 0 ]
	check "... is quiet" [ ! -s "$work/err" ]
done

# Standard streams that somebody who shares them has made non-blocking.
anew
# shellcheck disable=SC2086 # options
python3 - "$erpsync" check --dir "$st" $station --format json \
	>"$work/out" 2>"$work/err" <<'EOF'
import fcntl, os, subprocess, sys, time
r, w = os.pipe()
fcntl.fcntl(w, fcntl.F_SETFL, os.O_NONBLOCK)
fcntl.fcntl(w, fcntl.F_SETPIPE_SZ, 4096)
p = subprocess.Popen(sys.argv[1:], stdout=w)
os.close(w)
time.sleep(0.5)
while part := os.read(r, 1000):
    sys.stdout.buffer.write(part)
sys.exit(p.wait())
EOF
code=$?
ends 64 "a report into a pipe that is not waited for"
check "... is whole" python3 -m json.tool "$work/out" /dev/null

# What to do where there is no room is about the disk that was written.
"$erpsync" history --dir "$st" --lang en >/dev/full 2>"$work/err" || true
says "a list for which there is no room" "Free some space on that disk"

# Statistics leave a report that programs read alone.
anew
for format in json csv html; do
	# shellcheck disable=SC2086 # options
	"$erpsync" check --dir "$st" $station --format $format \
		>"$work/plain" 2>/dev/null
	# shellcheck disable=SC2086 # options
	"$erpsync" check --dir "$st" $station --format $format --stats \
		>"$work/with" 2>"$work/err"
	# The time goes on, and the disk is not ours alone.
	for run in plain with; do
		sed '/"date"/d; /"disk_free/d; /<dt>/d' "$work/$run" \
			>"$work/$run.cut"
	done
	check "--stats with $format" cmp "$work/plain.cut" "$work/with.cut"
	check "... are told" grep -q '^Total bytes sent' "$work/err"
done

# small_stack HOW: a limit that may be raised is, else it is said.
cp "$erpsync" "$work/erpsync"
small_stack() {
	code=0
	(ulimit "$@" 64 && exec ${as:-} "$work/erpsync" check --dir "$st" \
		$station --lang en -q >"$work/out" 2>"$work/err") || code=$?
}
anew
chmod 755 "$work/erpsync"
# shellcheck disable=SC2086 # options
small_stack -S -s
ends 64 "a small stack that may grow"
as=
if [ "$(id -u)" = 0 ]; then
	as='setpriv --reuid=65534 --regid=65534 --clear-groups'
fi
small_stack -s
ends 22 "a small stack that may not"
says "a small stack that may not" "Give it more (ulimit -s 1024)"
finish
