#!/bin/sh
# broken_ini.sh: a release brings a smartclient.ini that is wrong somewhere.
# What it keeps for the station is kept all the same, and whom it trusts too.
. "$(dirname "$0")/lib.sh"

echo prog >"$update/prog"
echo release >"$update/local.cfg"
printf '[a]\nk=1\n' >"$update/other.ini"
write_ini CompileAhead=0
start_server

# An update of a station that reads its server, or is told it.
here() { run "$1" "$2" update --dir "$st" --lang en --os linux --yes; }
told() {
	run "$1" "$2" update --dir "$st" --lang en --os linux --yes \
		--server "127.0.0.1:$PORT"
}
n=0
# release FORMAT: one with this smartclient.ini, beside prog that is new, too.
release() {
	n=$((n + 1))
	# shellcheck disable=SC2059 # the lines have their ends in them
	printf "$1" >"$update/smartclient.ini"
	echo "prog $n" >"$update/prog"
	touch -d "@$((1714521600 + n))" "$update/smartclient.ini" "$update/prog"
	reload published
}
# station NAME: a new one, of the release that is published.
station() {
	st=$work/$1
	mkdir "$st"
	told 0 "$1: the first update"
}
kept() {
	check "... keeps its file" [ "$(cat "$st/local.cfg")" = mine ]
}
good="[ErpSync]\nServer=127.0.0.1\nPort=$PORT\n"
keeps="Exclude=local.cfg\nIniPolicy=other.ini:keep\n"

# Rows that can be taken count, though another one is wrong.
release "$good$keeps"
station rows
echo mine >"$st/local.cfg"
printf '[a]\nk=mine\n' >"$st/other.ini"
here 0 "a station that keeps files"
release "$good${keeps}Retries=many\n"
here 0 "a release with a row that is wrong"
release "$good$keeps"
here 0 "the release after it"
says "... comes from the server of before" "brought smartclient.ini like that"
check "... is in place" cmp -s "$update/prog" "$st/prog"
kept
check "... and its own INI" grep -q "k=mine" "$st/other.ini"
here 0 "from then on"
kept
# Nor is what a person broke a reason to lose files.
echo Retries=many >>"$st/smartclient.ini"
told 0 "a person's row that is wrong"
kept

# Where rows cannot be told, nothing that was changed here may go.
long=$(printf '%05000d' 0)
for bad in 'a\000b\n' "Exclude=$long,local.cfg\n" "IniPolicy=other.ini:lose\n" '[a\n'; do
	release "$good$keeps"
	station "vague$n"
	echo mine >"$st/local.cfg"
	case $bad in
	[EI]*) release "$good$bad" ;;
	*) release "$good$keeps$bad" ;;
	esac
	here 0 "a release with one that cannot be told"
	release "$good$keeps"
	here 1 "the release after one with $(echo "$bad" | cut -c 1-20)"
	says "... names what would go" "local.cfg: was changed here"
	kept
	check "... nor has anything changed" [ "$(cat "$st/prog")" != "prog $n" ]
	told 1 "also with a server that is told"
	kept
	for lang in 'pt:foi alterado aqui' 'es:se cambió aquí'; do
		run 1 "the refusal in ${lang%:*}" update --dir "$st" --os linux \
			--yes --lang "${lang%:*}"
		says "... says it" "local.cfg: ${lang#*:}"
	done
	cp -p "$update/local.cfg" "$st/local.cfg"
	here 0 "where nothing was changed"
	check "... the next release comes" cmp -s "$update/prog" "$st/prog"
	check "... and mends it" \
		cmp -s "$update/smartclient.ini" "$st/smartclient.ini"
done

# What was merged into the station's own file was brought by the release, too.
write_ini CompileAhead=0 IniPolicy=smartclient.ini:merge
release '[ErpSync]\nTimeout=30\n'
station merged
# shellcheck disable=SC2059 # the lines have their ends in them
printf "${good}Timeout=30\nExclude=local.cfg\n" >"$st/smartclient.ini"
echo mine >"$st/local.cfg"
here 0 "a station with an INI of its own"
release '[ErpSync]\nTimeout=30\nRetries=many\n'
here 0 "a release whose wrong row is merged"
check "... is merged" grep -q "Retries=many" "$st/smartclient.ini"
check "... with the station's own" grep -q "Server=127" "$st/smartclient.ini"
cp -p "$st/smartclient.ini" "$work/merged.ini"
sed -i 's/=many/=most/' "$st/smartclient.ini"
here 1 "a row that a person has wrong"
cp -p "$work/merged.ini" "$st/smartclient.ini"
release '[ErpSync]\nTimeout=30\nRetries=3\n'
here 0 "the release after it"
says "... comes from the server of before" "brought smartclient.ini like that"
check "... mends the row" grep -q "Retries=3" "$st/smartclient.ini"
kept
here 0 "from then on"
check "... the station's own server counts" eval '! grep -q Warning "$work/err"'
write_ini CompileAhead=0

# One that is no file is broken, too.
for kind in folder link; do
	release "$good"
	station "$kind"
	rm "$update/smartclient.ini"
	case $kind in
	folder) mkdir "$update/smartclient.ini" ;;
	link) ln -s prog "$update/smartclient.ini" ;;
	esac
	: >"$log"
	reload published
	check "a $kind in its place is told at once" \
		grep -q 'WARN.*smartclient.ini: is no regular file' "$log"
	here 0 "a release with a $kind"
	rm -r "$update/smartclient.ini"
	release "$good"
	here 0 "the release after one with a $kind"
	says "... comes from the server of before" "brought smartclient.ini like that"
	check "... and mends it" \
		cmp -s "$update/smartclient.ini" "$st/smartclient.ini"
	# A person's is a person's to mend.
	rm "$st/smartclient.ini"
	case $kind in
	folder) mkdir "$st/smartclient.ini" ;;
	link) ln -s prog "$st/smartclient.ini" ;;
	esac
	here 1 "a person's $kind"
done

# Whoever has to be proved has to be, whatever else is wrong.
other=sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=
# refused TEXT FORMAT: a release with this does not let anybody be asked.
refused() {
	release "$good"
	station "trust$n"
	release "$2"
	here 0 "a release with $1"
	release "$good"
	here 72 "the release after $1"
	told 72 "... also with a server that is told"
	echo more >>"$st/smartclient.ini"
	told 72 "... and where a person changed it"
	check "... nothing has changed" [ "$(cat "$st/prog")" != "prog $n" ]
}
refused "a good pin beside a bad row" "${good}Pin=$other\nRetries=many\n"
refused "a bad pin behind a bad row" "${good}Retries=many\nPin=x\n"
refused "a pin in what cannot be told" "${good}Pin=$other\na\000b\n"
refused "a CA there" "$good ca = mine.pem\n[a\n"
refused "a pin in UTF-16" '\377\376P\000i\000n\000=\000x\000'
at=$(printf '%01048576d' 0)
refused "a file that is too large" "${good};$at\n"

# A file that is named for the connection, and is nowhere or is none, would keep
# the station from each update after that. Who remembers the server's key goes by
# that, as before the release.
# named TEXT ROWS CODE [FILE]: a release that names it, the one after it, and how
# an update ends where a person wrote that, with this file in its words.
named() {
	release "$good"
	station "named$n"
	run 0 "a key is remembered" update --dir "$st" --lang en --os linux \
		--yes --tls
	: >"$log"
	release "$good$2\n"
	here 0 "a release with $1"
	run 0 "a check after it" check --dir "$st" --lang en --os linux
	says "... names the row" "smartclient.ini: ${2%%\\n*}"
	says "... and the server" "brought smartclient.ini like that"
	run 0 "the doctor's look" doctor --dir "$st" --lang en
	check "... tells it" grep -qF "${2%%\\n*}" "$work/out"
	release "$good"
	here 0 "the release after $1"
	check "... is in place" cmp -s "$update/prog" "$st/prog"
	check "... and mends it" \
		cmp -s "$update/smartclient.ini" "$st/smartclient.ini"
	here 0 "from then on"
	check "... nothing is said" eval '! grep -q "like that" "$work/err"'
	printf '%b\n' "$2" >>"$st/smartclient.ini"
	here "$3" "a person's row stays an error"
	says "... that names the file" "$st/${4:-${2#*=}}"
}
told_at_publishing() {
	soon grep -q "WARN.*smartclient.ini: $1.*unless stations have it" "$log"
}
named "a CA that is nowhere" CA=none.pem 11
release "${good}CA=none.pem\n"
check "a CA that is nowhere is told at publishing" \
	told_at_publishing CA=none.pem
echo junk >"$update/junk.pem"
named "a CA that is none" CA=junk.pem 1
named "a certificate that is nowhere" CertificateClient=none.pem 11
openssl req -x509 -newkey ed25519 -nodes -subj /CN=other \
	-keyout "$work/key.pem" -out "$update/ca.pem" 2>/dev/null
# What begins as one is none for that.
head -c 200 "$update/ca.pem" >"$update/cut.pem"
echo '-----BEGIN ' >"$update/begin.pem"
cp "$work/key.pem" "$update/key.pem"
openssl genpkey -algorithm ed25519 -out "$update/other.pem" 2>/dev/null
openssl pkey -in "$work/key.pem" -aes128 -passout pass:secret \
	-out "$update/asks.pem" 2>/dev/null
for file in cut begin key; do
	named "a CA out of $file.pem" "CA=$file.pem" 1
	release "${good}CA=$file.pem\n"
	check "... is told at publishing" \
		soon grep -q "WARN.*smartclient.ini: CA=$file.pem" "$log"
done
named "a certificate that is cut" CertificateClient=cut.pem 1
named "a certificate without a key" CertificateClient=ca.pem 1
for key in other asks; do
	named "a certificate with $key.pem" \
		"CertificateClient=ca.pem\nKeyClient=$key.pem" 1 "$key.pem"
	release "${good}CertificateClient=ca.pem\nKeyClient=$key.pem\n"
	check "... is told at publishing" \
		soon grep -q "WARN.*smartclient.ini: CertificateClient=" "$log"
done

# Whatever else is wrong in it.
for row in CA CertificateClient; do
	release "$good"
	station "two$row"
	run 0 "a key is remembered" update --dir "$st" --lang en --os linux \
		--yes --tls
	: >"$log"
	release "${good}Timeout=abc\n$row=none.pem\n"
	here 0 "a release with $row beside a row that is wrong"
	[ "$row" != CA ] || check "... is told at publishing" \
		soon grep -q "WARN.*Timeout=abc.*CA=none.pem" "$log"
	release "$good"
	here 0 "the release after it"
	check "... is in place" cmp -s "$update/prog" "$st/prog"
done
# A person's CA that is away for now counts as it did.
release "$good"
station away
ln -s loop.pem "$st/.erpsync/loop.pem"
release "${good}CA=.erpsync/loop.pem\n"
here 0 "a release with a CA that cannot be read for now"
release "$good"
run 11 "the release after it" update --dir "$st" --lang en --os linux --yes --tls
says "... names the file" "loop.pem"
release "$good"
station both
run 0 "a key is remembered" update --dir "$st" --lang en --os linux --yes --tls
release "${good}CA=ca.pem\nCertificateClient=none.pem\n"
here 0 "a release with a CA beside a certificate that is nowhere"
release "$good"
here 72 "the release after it is not of who the CA does not know"
says "... and that is why" "issued by nobody in the CA"
rm "$update/ca.pem"
release "$good"
station unknown
release "${good}CA=none.pem\n"
here 0 "a release with a CA where no key is known"
release "$good"
here 72 "the release after it"
says "... names the row" "smartclient.ini: CA=none.pem"
told 72 "also with a server that is told"
says "... and the way out" "give it with --pin"
# doctors CODE FORMAT TEXT: the doctor tells that, and nothing beside its round.
doctors() {
	run "$1" "$2" doctor --dir "$st" --lang "${4-en}"
	check "... tells the way out" grep -q " FA.*$3" "$work/out"
	check "... and nothing elsewhere" [ ! -s "$work/err" ]
}
doctors 72 "the doctor where no key is known" "CA=none.pem.*give it with --pin"
doctors 72 "the same in Portuguese" "CA=none.pem.*informe-a com --pin" pt
doctors 72 "the same in Spanish" "CA=none.pem.*indíquela con --pin" es
mv "$st/.erpsync/last-server.ini" "$work/last"
doctors 72 "the doctor where no server is" "CA=none.pem.*give it with --server"
here 72 "an update there"
says "... tells the same" "give it with --server"
mv "$work/last" "$st/.erpsync/last-server.ini"
run 0 "a key that the person gives" update --dir "$st" --lang en --os linux \
	--yes --tls --pin "$(sed -n 's/.*TLS with the key \([^,]*\),.*/\1/p' \
	"$work"/*.log | head -n 1)"
check "... lets it come" cmp -s "$update/prog" "$st/prog"

finish
