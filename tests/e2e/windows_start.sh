#!/bin/sh
# What a Windows station takes that finds nothing to do, against a program that
# does nothing, by what both ask of wine's server (WINE, STATION): that is what
# takes the time, and it is the same at each run. Called by tests/win32/run.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_windows.sh"

# warm: a program that runs all the time, else each would start the system.
warm() {
	("$WINE" "$unit" --hold none 86400000 >/dev/null 2>&1 &)
}

# What the last one of program $2 has asked for behind line $1 of the log, with
# its threads: the one that opened it is its first. Services of the system that
# start meanwhile do not count, and a number is another's once its thread has
# ended.
requests() {
	awk -v from="$1" -v opened="\\\\$2\"}" '
		NR <= from || !/^[0-9a-f]+: / { next }
		/killed\*/ { if (!($1 in own)) delete n[$1]; next }
		/ new_thread\(\) = 0 / && $1 in own {
			match($0, /tid=[0-9a-f]+/)
			own[substr($0, RSTART + 4, RLENGTH - 4) ":"] = 1
		}
		/^[0-9a-f]+: [a-z_]+\(\) = / { next }
		/^[0-9a-f]+: [a-z_]+\(/ { n[$1]++ }
		/ create_file\(/ && index($0, opened) { own[$1] = 1 }
		END {
			for (t in own)
				all += n[t]
			print all + 0
		}' "$asked"
}

# asks COMMAND...: how often it asks, in $n.
asks() {
	begun=$(wc -l <"$asked")
	timeout -k 5 120 "$WINE" "$@" </dev/null >"$work/out" 2>"$work/err" ||
		fail "$1: exit code $?"
	n=$(requests "$begun" "$(basename "$1")")
}

idle() {
	asks "$STATION" update --yes --dir "Z:$1" --server "127.0.0.1:$PORT" \
		--lang en --window=never
}

asked=$work/asked
st=$work/st
mkdir "$st"
for i in $(seq 3); do
	seq "$i" 500 >"$update/f$i.txt"
done
# What is dated a moment ago would be read once more.
touch -d @1700000000 "$update"/*
own "$st"
windows_ini
start_server
check "the server has a release for Windows" logged "windows: published"
update_of 0 "an update" "$st"

printf 'int\nmain(void)\n{\n\treturn 0;\n}\n' >"$work/empty.c"
x86_64-w64-mingw32-gcc -O2 -s -static -o "$work/empty.exe" "$work/empty.c"
WINE_PROGRAM=wineserver "$WINE" -k
WINE_PROGRAM=wineserver "$WINE" -f -d1 2>"$asked" &
warm
soon test -s "$asked"
# The first one starts what all need.
asks "$work/empty.exe"
asks "$work/empty.exe"
empty=$n
check "a program that does nothing asks for something" [ "$empty" -gt 100 ]

idle "$st"
without=$n
check "there is nothing to do" grep -q 'No update needed' "$work/err" "$work/out"
check "without a window: $without are 1.3 times $empty" \
	[ $((without * 10)) -le $((empty * 13)) ]
begun=$(wc -l <"$asked")
"$WINE" "$STATION" update --yes --dir "Z:$st" --server "127.0.0.1:$PORT" \
	--lang en 2>&1 </dev/null | cat >"$work/out"
n=$(requests "$begun" "$(basename "$STATION")")
check "there is nothing to do" has 'No update needed'
check "with a pipe: $n are 1.3 times $empty" \
	[ $((n * 10)) -le $((empty * 13)) ]
# Without a console neither: a window is for what takes time, as all does where
# the machine has something else to do.
n=$((2 * empty))
tries=0
until [ $((n * 10)) -le $((empty * 13)) ] || [ $tries -ge 20 ]; do
	tries=$((tries + 1))
	asks "$STATION" update --yes --dir "Z:$st" --server "127.0.0.1:$PORT" \
		--lang en
done
check "without a console: $n are 1.3 times $empty" \
	[ $((n * 10)) -le $((empty * 13)) ]

# Each file is opened, looked at, closed: a disk's folder may tell what was.
for i in $(seq 200); do
	echo "$i" >"$update/g$i.txt"
done
touch -d @1700000000 "$update"/*
stop_server
start_server
check "the server has the files" logged "203 entries"
update_of 0 "an update of 200 files" "$st"
idle "$st"
check "each file more asks for 3: $((n - without))" \
	[ $((n - without)) -le 620 ]

WINE_PROGRAM=wineserver "$WINE" -k
warm
finish
