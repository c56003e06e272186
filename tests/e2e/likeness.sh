#!/bin/sh
# Files whose names say nothing, contents that are packed, and programs:
# bundles with a hash in each name, a zip of Perl's and a file of gzip's, cp
# that becomes mv. What travels is what was edited.
. "$(dirname "$0")/lib.sh"

# texts DIR VERSION: sixty texts, of which a line each tells the version.
texts() {
	mkdir -p "$1"
	awk -v dir="$1" -v version="$2" 'BEGIN {
		for (i = 0; i < 60; i++) {
			srand(i)
			name = dir "/text_" i
			for (k = 0; k < 600; k++) {
				word = int(rand() * 1e9)
				if (k == i * 5)
					word = version
				print "word " k " is " word >name
			}
			close(name)
		}
	}' </dev/null
}

# release DIR VERSION: the texts as bundles, and packed. The zip holds them in
# folders, and nothing of it but what is in its members is the same again.
release() {
	texts "$work/texts" "$2"
	mkdir -p "$1/assets"
	for file in "$work"/texts/*; do
		hash=$(cksum <"$file")
		cp "$file" "$1/assets/${hash%% *}.js"
	done
	(cd "$work" && perl -MIO::Compress::Zip=zip -e '
		zip([sort(glob("texts/*"))] => $ARGV[0], Time => 1e9) or
			die' "$1/texts.zip") || return 1
	cat "$work"/texts/* | tee "$1/all.txt" | gzip -n -9 >"$1/all.gz"
	find "$1" -exec touch -d "2025-0$2-01 10:00:00" {} +
	rm -r "$work/texts"
}

if ! perl -MIO::Compress::Zip -e 1 2>/dev/null; then
	skip "perl has no IO::Compress::Zip"
	finish
fi
check "an old release" release "$work/old" 1
check "a new one" release "$work/new" 2
check "no name of a bundle is in both" [ -z "$(cd "$work" &&
	find old/assets new/assets -name '*.js' -printf '%f\n' | sort | uniq -d)" ]
cp -a "$work/old/." "$update"
write_ini
start_server
check "the server offers the old one" offers "$work/old"
st=$work/st
mkdir "$st"
update 0 "first update" "$st" --format json
whole=$(wire_bytes)
publish "$work/new" now

# The background makes the best patches.
tries=0
while :; do
	preview 64 "dry run" "$st" --delete --max-delete=100
	[ "$(wire_bytes)" -gt 12000 ] || break
	tries=$((tries + 1))
	[ $tries -le 100 ] || break
	sleep 0.5
done
update 0 "update" "$st" --format json --delete --max-delete=100
ours=$(wire_bytes)
check "what was edited travels: $ours bytes, of $whole" [ "$ours" -le 12000 ]
check "every file is exact" same_tree "$st" "$work/new"
check "the backup is exact" same_tree "$st/bkp_remote.001" "$work/old"
run 0 "rollback" rollback --dir "$st" -q
check "... is exact" same_tree "$st" "$work/old"

# A program, and one that has much of its code at other addresses.
for file in cp mv; do
	mkdir "$work/$file"
	cp "$(command -v $file)" "$work/$file/client"
	publish "$work/$file" now
	update 0 "update to a program" "$st" --delete --max-delete=100 -q
done
check "the program is exact" same_tree "$st" "$work/mv"

# Another reader of the same patches, made from their description.
if ! command -v python3 >/dev/null; then
	skip "python3 is not here"
	finish
fi
python3 "$(dirname "$0")/patch_reader.py" "$work/state" >"$work/out"
check "another reader rebuilds what the patches make" [ $? -eq 0 ]
check "... of each version: $(cat "$work/out")" grep -qx \
	'patches rebuilt: [1-9][0-9]* [1-9][0-9]* [1-9][0-9]*' "$work/out"

finish
