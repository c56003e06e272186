#!/bin/sh
# The commands of a Windows station under wine, one by one: on single files and
# streams, reports, exit codes, the health check, Ctrl-C, run, languages.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_windows.sh"

# wined ARGS...: the station in a folder that it may write to, with pipes and
# files as they are.
mkdir "$work/files"
cd "$work/files" || exit 1
wined() {
	"$WINE" "$STATION" "$@" --lang en 2>>"$work/err"
}
: >"$work/err"
seq 1 20000 >old
{
	seq 1 9000
	echo inserted
	seq 9001 20000
} >new
own "$work/files"

# Signature, delta and patch: as Linux has them, byte for byte.
"$erpsync" signature old sig.linux
"$erpsync" delta sig.linux new delta.linux
station 0 "signature" signature old sig
check "a signature is as on Linux" cmp sig sig.linux
station 0 "delta" delta sig new delta
check "a delta is as on Linux" cmp delta delta.linux
station 0 "patch" patch old delta 'ação 😀.txt'
check "a patch makes the file" cmp 'ação 😀.txt' new
wined signature - - <old | wined delta - new - | wined patch old - - >piped
check "through pipes, byte for byte" cmp piped new
cp old live
own live
station 0 "patch in place" patch live delta live
check "in place of its basis" cmp live new
chmod a-w live
station 0 "in place of a read-only file" patch old delta live
check "it stays read-only" test "$(stat -c %A live | cut -c 2-3)" = r-
station 1 "a file written over what it is made from" signature old old
station 11 "a folder is no file" signature . none
station 11 "what is not there" patch nowhere delta none
head -c 100 delta >torn
station 68 "a torn delta" patch old torn none
check "it makes no file" test ! -e none
station 0 "to nowhere" patch old delta NUL
check "nothing half-made stays" test -z "$(find . -name '.erpsync-*')"

# A folder that differs, reported in each form as on Linux.
cd "$work" || exit 1
st=$work/st
mkdir -p "$update/sub" "$st"
"$tools/noise" 1 200000 >"$update/smartclient.exe"
seq 1 300 >"$update/sub/açúcar.txt"
echo here >"$update/same.txt"
find "$update" -type f -exec touch -d '2024-01-02T03:04:05.1234567' {} +
cp -a "$update/same.txt" "$st"
echo mine >"$st/mine.txt"
own "$st"
windows_ini
start_server
check "the server has a release for Windows" logged "windows: published"
# plain: the report without what each run has of its own.
plain() {
	sed "s|Z:$st|$st|g; s/Z\\\\3a //; s/${day}[T ][0-9:]*Z*/DATE/g
		s/\"duration_ms\": [0-9]*/TIME/
		s/\"disk_free_bytes\": [0-9]*/FREE/" "$work/out"
}
day=$(date +%Y-%m-%d)
for format in text itemize json csv html; do
	station 64 "a check as $format" check --dir "Z:$st" \
		--server "127.0.0.1:$PORT" --format $format
	plain >"$work/out.windows"
	# Linux's is this user's, who has to be the folder's.
	chown -R "$(id -u)" "$st"
	run 64 "the same on Linux" check --dir "$st" --os windows \
		--server "127.0.0.1:$PORT" --format $format --lang en
	plain >"$work/out.linux"
	own "$st"
	check "the report as $format is Linux's" \
		diff "$work/out.windows" "$work/out.linux"
done

# On a terminal: a question, Ctrl-C in the middle, and a bar.
if script -qefc true /dev/null >/dev/null 2>&1; then
	on_terminal '' '\003' "$WINE $STATION signature - none --lang en"
	check "Ctrl-C ends with 20, not $code" test "$code" -eq 20
check "it says so" has "Stopped on request: interrupted by a signal"
	check "nothing is made" test ! -e none
	command="$WINE $STATION update --dir Z:$st --server 127.0.0.1:$PORT \
		--lang en"
	cp -a "$st" "$work/before"
	on_terminal y/N 'n\r' "$command --build 7.00.0"
	check "a no is a no: 65, not $code" test "$code" -eq 65
	on_terminal % '\003' "$command --yes --bwlimit 10"
	check "Ctrl-C ends an update with 20, not $code" test "$code" -eq 20
	check "what it left is what was there" same_but_ours "$work/before" "$st"
	on_terminal y/N 'y\r' "$command --build 7.00.0"
	check "a yes is a yes: 0, not $code" test "$code" -eq 0
	check "with a bar" has "100%"
	check "the folder is the release" cmp "$update/smartclient.exe" \
		"$st/smartclient.exe"
	rm -rf "$st"
	cp -a "$work/before" "$st"
	own "$st"
else
	skip "no script(1), or no terminals for it"
fi

# Exit codes.
station 1 "an option that there is not" update --frob
station 11 "a folder that is not there" verify --dir 'Z:\nowhere'
station 35 "a server that is not there" update --yes --dir "Z:$st" \
	--server 127.0.0.1:9 --retries 0
update_of 0 "an update" "$st" -q
echo changed >"$st/same.txt"
station 23 "verify finds what was changed" verify --dir "Z:$st"
update_of 0 "it is mended" "$st" -q
echo changed >"$st/same.txt"
station 71 "a health check that takes too long" update --yes --dir "Z:$st" \
	--server "127.0.0.1:$PORT" --health-timeout 2 \
	--health-check "Z:$unit --sleep" --force
check "is told so" has "did not end within 2 s"
check "and ended" test -z "$(pgrep -f 'unit[.]exe --sleep')"

# run: quotes, blanks and accents arrive; so does the exit code.
station 9 "run starts a program" run --dir "Z:$st" \
	--server "127.0.0.1:$PORT" -q -- "Z:$unit" --arguments 'two words' '' \
	'a"b' 'back\' 'c:\p f\' 'ação' '%PATH%' '^&|<>'
cat >"$work/wanted" <<'END'
<two words>
<>
<a"b>
<back\>
<c:\p f\>
<ação>
<%PATH%>
<^&|<>>
END
head -n 8 "$work/out" >"$work/came"
check "its arguments arrive as they were" diff "$work/wanted" "$work/came"

# In a folder whose name is told as long ones are, cmd.exe would not work.
long='\\?\Z:'$(echo "$st" | tr / '\\')
station 7 "run there" run --dir "$long" --server "127.0.0.1:$PORT" -q -- \
	cmd /c 'cd & exit 7'
check "begins in the folder" has "${long#????}"
echo changed >"$st/same.txt"
station 71 "a health check there" update --yes --dir "$long" --force \
	--server "127.0.0.1:$PORT" --health-check 'cd 1>&2 & exit 3'
check "begins there, too" has "${long#????}"

# The system's language, when nothing else says one.
for said in pt_BR:'Não encontrado' es_AR:'No encontrado' en_US:'Not found'; do
	WINE_LOCALE=${said%%:*}.UTF-8 "$WINE" cmd /c \
		"set LC_ALL=&& $STATION verify --dir nowhere" \
		>"$work/out" 2>"$work/err" </dev/null
	check "a system in ${said%%:*}" has "${said#*:}"
done
finish
