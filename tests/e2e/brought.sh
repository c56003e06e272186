#!/bin/sh
# brought.sh: a release brings a smartclient.ini that is no mistake by itself
# but would keep a station from the next one.  The next one comes all the same.
. "$(dirname "$0")/lib.sh"

echo prog >"$update/prog"
write_ini CompileAhead=0
start_server
good="[ErpSync]\nServer=127.0.0.1\nPort=$PORT\n"

# An update of a station that reads its server.
here() {
	code=$1
	what=$2
	shift 2
	run "$code" "$what" update --dir "$st" --lang en --yes "$@"
}
n=0
# publish_next: what is in the folder, beside prog that is new.
publish_next() {
	n=$((n + 1))
	echo "prog $n" >"$update/prog"
	touch -d "@$((1714521600 + n))" "$update/prog"
	[ ! -f "$update/smartclient.ini" ] ||
		touch -d "@$((1714521600 + n))" "$update/smartclient.ini"
	reload published
}
# release FORMAT: one with this smartclient.ini.
release() {
	# shellcheck disable=SC2059 # the lines have their ends in them
	printf "$1" >"$update/smartclient.ini"
	publish_next
}
# station NAME [FORMAT]: a new one, of the release that is published, with an
# INI of its own.
station() {
	st=$work/$1
	mkdir "$st"
	# shellcheck disable=SC2059 # the lines have their ends in them
	[ $# = 1 ] || printf "$2" >"$st/smartclient.ini"
	run 0 "$1: the first update" update --dir "$st" --lang en --os linux \
		--yes --server "127.0.0.1:$PORT"
}
is_new() {
	check "... is in place" cmp -s "$update/prog" "$st/prog"
}
mends() {
	is_new
	check "... mends it" \
		cmp -s "$update/smartclient.ini" "$st/smartclient.ini"
	here 0 "from then on"
	check "... nothing is said" eval '! grep -q Warning "$work/err"'
}

# The ERP's own connection, where no server of updates is.
for kind in http silent; do
	: >"$work/port"
	"$tools/stranger" listen "$kind" >"$work/port" &
	started="$started $!"
	soon [ -s "$work/port" ]
	erp="[drivers]\nactive=tcp\n[tcp]\nserver=127.0.0.1\nport=$(cat "$work/port")\n"
	release "$erp$good"
	station "erp_$kind"
	: >"$log"
	release "$erp"
	check "only the ERP's server is told at publishing" \
		soon grep -q "WARN.*smartclient.ini.*drivers" "$log"
	here 0 "a release with only the ERP's own server, which is $kind"
	cp -a "$st" "$work/start_$kind"
	release "$erp$good"
	run 0 "a start after it" run --dir "$work/start_$kind" --lang en -- \
		true
	check "... has the next release" \
		cmp -s "$update/prog" "$work/start_$kind/prog"
	run 64 "a check after it" check --dir "$st" --lang en --timeout 3
	says "... tells the server" "no server of updates answers, so it is 127"
	run 0 "the doctor's look" doctor --dir "$st" --lang pt
	check "... tells it" grep -q "nenhum servidor de atualiza" "$work/out"
	check "... there only" [ ! -s "$work/err" ]
	here 0 "the release after it" --timeout 3
	says "... comes from the server of before" "served this folder last"
	check "... is told once" \
		[ "$(grep -c 'served this folder last' "$work/err")" = 1 ]
	mends
done

# One that cannot be used stays a release's, also where later ones have none and
# the client writes into it.
rm "$update/smartclient.ini"
publish_next
station gone "$good"
release "${good}Retries=many\nPort=abc\n[config]\nlastmainprog=SIGAFAT\n"
here 0 "a release with one that cannot be used"
sed -i 's/SIGAFAT/SIGACOM/' "$st/smartclient.ini"
rm "$update/smartclient.ini"
for after in "the release without it" two three four five; do
	publish_next
	here 0 "$after"
	is_new
done
sed -i 's/SIGACOM/SIGAEST/' "$st/smartclient.ini"
release "$good"
here 0 "the release that has it right"
mends
release "${good}[config]\nlastmainprog=SIGAFAT\n"
station written
release "${good}Retries=many\n[config]\nlastmainprog=SIGAFAT\n"
here 0 "a release with a row that is wrong"
sed -i 's/SIGAFAT/SIGACOM/' "$st/smartclient.ini"
release "$good"
here 0 "the release after the client wrote into it"
mends
echo Retries=many >>"$st/smartclient.ini"
here 1 "a person's row stays an error"

# Merged into the station's own it stays a release's, also where that has more
# that is wrong than is left here.
mine='[ErpSync]\nIniPolicy=smartclient.ini:merge\n'
last='[config]\nlastmainprog=SIGA'
release "$good${last}FAT\n"
station merged
# shellcheck disable=SC2059 # the lines have their ends in them
printf "$mine" >"$st/.erpsync/station.ini"
here 0 "a station that merges"
for rows in 'Timeout=long\nRetries=many' Os=windows 'Exclude=*'; do
	sed -i "s/SIGA.*/SIGA$n/" "$st/smartclient.ini"
	release "$good$rows\n${last}FAT\n"
	here 0 "a release with $rows"
	check "... is merged" grep -qF "${rows##*\\n}" "$st/smartclient.ini"
	check "... into the station's" grep -q "SIGA$((n - 1))" \
		"$st/smartclient.ini"
	sed -i "/Timeout=/d" "$st/smartclient.ini"
	release "$good${last}FAT\n"
	here 0 "the release after $rows"
	is_new
	check "... mends it" eval '! grep -q "${rows##*=}" "$st/smartclient.ini"'
done

# What can be, but would keep this station from each release after it.
# keeps TEXT ROWS WORDS: the release's rows, and what is said of them.
keeps() {
	release "$good"
	station "keeps$n"
	run 0 "a key is remembered" update --dir "$st" --lang en --yes --tls
	: >"$log"
	release "$good$2\n"
	check "$1 is told at publishing" soon grep -q "WARN.*ini.*$3" "$log"
	here 0 "a release with $1"
	run 0 "the doctor's look" doctor --dir "$st" --lang en
	check "... tells it" grep -q "$3.*is ignored" "$work/out"
	check "... there only" [ ! -s "$work/err" ]
	cp -a "$st" "$st.gone"
	release "$good"
	here 0 "the release after $1"
	says "... ignores it" "is ignored"
	mends
	st=$st.gone
	rm "$update/smartclient.ini"
	publish_next
	here 0 "a release without it, after $1"
	is_new
}
keeps "another system" Os=windows Os=
keeps "all left alone" 'Exclude=*' Exclude=
keeps "no TLS" Insecure=1 Insecure=
# yields TEXT ROWS KEY [WORDS]: the same of what leaves that file itself alone;
# what is said at publishing.
yields() {
	release "$good"
	station "yields$n"
	echo mine >"$st/mine.ini"
	: >"$log"
	release "$good$2\n"
	check "$1 is told at publishing" soon grep -q \
		"WARN.*smartclient.ini.*${4:-has an $3=.*this file itself}" "$log"
	here 0 "a release with $1"
	run 0 "a check after it" check --dir "$st" --lang en --os linux
	says "... tells it" "a release brought smartclient.ini with an $3="
	run 0 "the doctor's look" doctor --dir "$st" --lang en
	check "... tells it" grep -q "smartclient.ini.*${4:-with an $3=}" \
		"$work/out"
	check "... there only" [ ! -s "$work/err" ]
	release "$good"
	here 0 "the release after $1"
	says "... tells it" "a release brought smartclient.ini with an $3="
	mends
	check "... nothing else is touched" [ "$(cat "$st/mine.ini")" = mine ]
}
for row in 'smartclient*' '*.ini' smartclient.ini '/smart?lient.[i]ni'; do
	yields "Exclude=$row" "Exclude=$row" Exclude
done
yields "INI files kept" IniPolicy=keep IniPolicy
yields "that file kept" 'IniPolicy=*.txt:keep,SmartClient.ini:keep' IniPolicy
yields "it kept beside a row that is wrong" \
	'IniPolicy=keep\nRetries=many' IniPolicy Retries
for row in '*' 'smartclient*'; do
	yields "Exclude=$row beside a row that is wrong" \
		"Exclude=$row\nRetries=many" Exclude Retries
done
# What a person has in it stays, as far as the release has nothing else there.
release "$good${last}FAT\n"
station mixed
release "${good}IniPolicy=keep\n${last}FAT\n"
here 0 "a release that keeps it"
sed -i 's/SIGAFAT/SIGACOM/' "$st/smartclient.ini"
release "$good${last}FAT\n"
here 0 "the release after it"
check "... keeps what was changed here" grep -q SIGACOM "$st/smartclient.ini"
check "... and nothing else" eval '! grep -q IniPolicy "$st/smartclient.ini"'
is_new
# A server's rule merges the row in and, with the next one, out.
write_ini CompileAhead=0 IniPolicy=smartclient.ini:merge
release "$good${last}FAT\n"
station by_server
release "${good}Exclude=smartclient*\n${last}FAT\n"
sed -i 's/SIGAFAT/SIGACOM/' "$st/smartclient.ini"
here 0 "a release with Exclude, which is merged"
check "... is merged" grep -q Exclude=smart "$st/smartclient.ini"
release "$good${last}FAT\n"
here 0 "the release after it"
says "... tells it" "with an Exclude= that leaves out this file itself"
is_new
check "... mends it" eval '! grep -q Exclude= "$st/smartclient.ini"'
check "... keeps what was changed here" grep -q SIGACOM "$st/smartclient.ini"
write_ini CompileAhead=0
# Left out once, by a person's word or an earlier version, it comes later.
for row in Exclude=smartclient.ini IniPolicy=keep; do
	release "$good"
	station "once$n"
	release "$good$row\n"
	here 0 "a release with $row"
	release "${good}Retries=4\n"
	here 0 "the release after it, without that file" \
		--exclude smartclient.ini
	check "... has not come" grep -q "$row" "$st/smartclient.ini"
	echo "Timeout=31" >>"$update/smartclient.ini"
	publish_next
	here 0 "the one after that"
	mends
done
# The key of the server that served the station counts, where a release brought
# a Pin of another one; of a person's Pin nothing is passed over.
run 0 "a key for seals" keygen --seal "$work/ours" --no-passphrase
other=sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=
for rows in "Pin=$other" "Pin=$other\nRetries=many"; do
	release "$good"
	station "pin$n"
	run 0 "a key is remembered" update --dir "$st" --lang en --yes --tls
	release "$good$rows\n"
	here 0 "a release with another server's Pin"
	run 0 "a check after it" check --dir "$st" --lang en --os linux
	says "... tells it" "the Pin of another server than"
	run 0 "the doctor's look" doctor --dir "$st" --lang en
	check "... tells it" grep -q "the Pin of another server" "$work/out"
	check "... there only" [ ! -s "$work/err" ]
	here 72 "a person's --pin of it" --pin "$other"
	cp -a "$st" "$st.third"
	sed -i 's,sha256//....,sha256//BBBB,' "$st.third/.erpsync/servers"
	cp -a "$st" "$st.sealed"
	run 0 "seals are asked for" keys add "$work/ours.pub" \
		--dir "$st.sealed"
	cp -a "$st" "$st.own"
	printf "[ErpSync]\nPin=$other\n" >"$st.own/.erpsync/station.ini"
	release "$good"
	here 0 "the release after it"
	says "... tells it" "the Pin of another server than"
	mends
	mended=$st
	for who in third sealed own; do
		st=$mended.$who
		here 72 "the same where the key is $who"
	done
done
release "$good"
station pin_unknown
release "${good}Pin=$other\n"
here 0 "a release with another's Pin, where no key is known"
release "$good"
here 72 "the release after it"
release "$good"
station pin_person
run 0 "a key is remembered" update --dir "$st" --lang en --yes --tls
echo "Pin=$other" >>"$st/smartclient.ini"
here 72 "a person's Pin stays strict"
# A person's rows are a person's.
for row in Exclude=smartclient.ini IniPolicy=keep; do
	release "$good"
	station "person$n"
	echo "$row" >>"$st/smartclient.ini"
	release "${good}Timeout=30\n"
	here 0 "a person's $row"
	is_new
	check "... stays" grep -q "$row" "$st/smartclient.ini"
	check "... and holds" eval '! grep -q Timeout "$st/smartclient.ini"'
	check "... nothing is said" eval '! grep -q Warning "$work/err"'
done
# alone TEXT FORMAT: the same where that file does not name the server.
alone() {
	release "$good"
	station "alone$n"
	run 0 "a key is remembered" update --dir "$st" --lang en --yes --tls
	release "$2"
	here 0 "a release with $1"
	run 0 "the doctor's look" doctor --dir "$st" --lang en
	check "... tells it" grep -q "Insecure=1.*is ignored" "$work/out"
	release "$good"
	here 0 "the release after $1" --retries 0
	says "... ignores it" "is ignored"
	mends
}
alone "no TLS" '[ErpSync]\nInsecure=1\n'
drivers='[drivers]\nactive=a\n[a]\nserver=127.0.0.1\nport=1\n'
alone "no TLS, and the ERP's own" "$drivers[ErpSync]\nInsecure=1\n"
release "$good"
station person
echo Os=windows >>"$st/smartclient.ini"
here 1 "a person's system stays an error"

# A server whose key is known is away, or its key is to be accepted: that is for
# a person to see, and nobody else is asked.
release "$good"
station away
run 0 "its key is remembered" update --dir "$st" --lang en --yes --tls
printf '[ErpSync]\nServer=127.0.0.1\nPort=1\n' >"$st/.erpsync/last-server.ini"
stop_server
here 35 "a server that is away" --retries 0
check "... nobody else is asked" eval '! grep -q Warning "$work/err"'
rm "$st/.erpsync/servers"
here 35 "whose key is to be accepted" --retries 0 --accept-key
check "... neither" eval '! grep -q Warning "$work/err"'
here 35 "who is not known" --retries 0
says "... the last one is asked" "no server of updates answers"

finish
