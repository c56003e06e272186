#!/bin/sh
# villain.sh [all]: a server that means harm (villain.c) has a sealed release
# and sends it with one bit flipped: of the seal, of the list of files, of what
# is in them. A station with the key refuses each and leaves its folder as it
# was. Some bits, or all of them, which takes an hour.
. "$(dirname "$0")/lib.sh"

# An odd step, so that it is another bit of its byte each time.
step=381
[ "${1:-}" != all ] || step=1
profile=$(basename "$(dirname "$erpsync")")
[ -d "$here/../../build/$profile" ] || profile=release
make -s -C "$here/../.." "PROFILE=$profile" "build/$profile/villain" || exit 1
villain=$here/../../build/$profile/villain

# A small release, so that all of its bits can be tried.
mkdir "$work/v1"
tree=$work/v1
noise 1 900 | put program 1
chmod 755 "$tree/program"
echo 'some words' | put lang/text.txt 1
echo 'other words' | put lang/more.txt 1
: | put empty 1
ln -s program "$tree/link"
cp -a "$work/v1/." "$update"
cd "$work" || exit 1
run 0 "a key" keygen --seal ours --no-passphrase
run 0 "a seal" seal "$update" --seal-key ours.key --os linux -q
write_ini
start_server
check "an honest server offers it" offers "$work/v1"
stop_server
release=$(echo "$work/state/release/linux/"*.[0-9a-f]*[0-9a-f])

# A station that has an older state of it, and its key.
tree=$work/st
mkdir "$tree"
noise 1 900 1 3 | put program 0
chmod 755 "$tree/program"
echo 'mine' | put notes.txt 0
run 0 "a station has the key" keys add ours.pub --dir "$work/st"
cp -a "$work/st" "$work/before"

"$villain" "$update.minisig" "$release" "$update" "$work/order" \
	>"$work/villain" &
started=$!
soon test -s "$work/villain"
read -r PORT seal_bits list_bits content_bits <"$work/villain"
all=$((seal_bits + list_bits + content_bits))
check "it has bits to flip" [ "$all" -gt 5000 ]

# refused BIT HOW: with this bit flipped nothing is installed. What came well
# the time before would not come again.
refused() {
	echo "$1 $2" >"$work/order"
	rm -rf "$work/st/.erpsync/recv"
	if [ "$1" -lt "$seal_bits" ]; then
		of=seal
	elif [ "$1" -lt $((seal_bits + list_bits)) ]; then
		of=list
	else
		of=content
	fi
	code=0
	"$erpsync" update --dir "$work/st" --server "127.0.0.1:$PORT" \
		--os linux --yes -q --retries 0 --lang en >"$work/out" \
		2>"$work/detail" </dev/null || code=$?
	echo "$of $2 $code" >>"$work/codes"
	case $of$2$code in
	seal7[3-9] | list7[3-9] | "listas sealed"68 | content68) ;;
	*) return 1 ;;
	esac
	same_tree "$work/st" "$work/before"
}

: >"$work/codes"
bit=0
tried=0
while [ "$bit" -lt "$all" ]; do
	check "a flipped bit $bit" refused "$bit" ""
	tried=$((tried + 1))
	bit=$((bit + step))
done
bit=$seal_bits
while [ "$bit" -lt $((seal_bits + list_bits)) ]; do
	check "by the sealed id a flipped bit $bit" refused "$bit" "as sealed"
	tried=$((tried + 1))
	bit=$((bit + step))
done
echo "$tried flipped bits: $(sort "$work/codes" | uniq -c |
	sed 's/^ *//' | tr '\n' ',' | sed 's/,$//; s/,/, /g')"
echo none >"$work/order"
update 0 "with no bit flipped it is taken" "$work/st"
rm "$work/st/notes.txt"
check "and is the release" same_tree "$work/st" "$work/v1"
finish
