#!/bin/sh
# A Windows station under wine and whom it believes: TLS to this system's
# server, by first use and by a pin; sealed releases.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_windows.sh"

cd "$work" || exit 1
"$tools/noise" 1 200000 >"$update/smartclient.exe"
seq 1 300 >"$update/readme.txt"
st=$work/st
mkdir "$st"
own "$st"
windows_ini
start_server
pin=$(sed -n 's/.*TLS with the key \(sha256[^ ,]*\).*/\1/p' "$log")
check "the server has a key" [ -n "$pin" ]
"$erpsync" keygen --certificate other.crt --key other.key --name x >other.pin
other=$(sed 's/^Pin=//' other.pin)

# restart LINE...: the server with these keys, and with what has changed.
restart() {
	stop_server
	windows_ini "$@"
	start_server "$PORT"
	check "it is published" logged "windows: published"
}

# What is sent is what TLS hides.
station 72 "another key than the pin's" update --yes --dir "Z:$st" --tls \
	--pin "$other" --server "127.0.0.1:$PORT"
check "nothing came" [ ! -e "$st/smartclient.exe" ]
update_of 0 "by TLS, with the pin" "$st" --tls --pin "$pin"
check "the file is there" cmp "$update/smartclient.exe" "$st/smartclient.exe"
rm -r "$st"
mkdir "$st"
own "$st"
update_of 0 "by TLS, with the first key that is seen" "$st" --tls
check "the file is there" cmp "$update/smartclient.exe" "$st/smartclient.exe"
own_files=$st/.erpsync
check "a ticket is kept" [ -s "$own_files/ticket" ]
# Wine's group is the administrators.
is_closed() {
	case $(stat -c %a "$own_files/ticket") in *0) ;; *) false ;; esac
}
check "... closed to others" is_closed
update_of 0 "the same key again" "$st"
cp "$own_files/ticket" ticket
update_of 0 "who says the same again" "$st"
check "... comes by its ticket" cmp ticket "$own_files/ticket"
chmod 644 "$own_files/ticket"
update_of 0 "with one that lies open" "$st"
check "... comes without" [ -n "$(cmp ticket "$own_files/ticket")" ]
check "... and has another, closed" is_closed
"$tools/noise" 2 200000 >"$update/smartclient.exe"
restart "CertificateServer=$work/other.crt" "KeyServer=$work/other.key"
cp -a "$st" before
station 72 "a key that is not the one before" update --yes --dir "Z:$st" \
	--server "127.0.0.1:$PORT"
check "nothing has changed" same_but_ours before "$st"
update_of 0 "a person accepts it" "$st" --accept-key
check "the file is there" cmp "$update/smartclient.exe" "$st/smartclient.exe"

# Seals.
run 0 "a key to seal with" keygen --seal ours --no-passphrase
station 0 "a station gets to know it" keys add "Z:$work/ours.pub" \
	--dir "Z:$st"
station 0 "and lists it" keys list --dir "Z:$st"
check "as minisign has it" has "$(tail -n 1 ours.pub)"
"$tools/noise" 3 200000 >"$update/smartclient.exe"
cp -a "$st" sealed_before
restart
station 73 "what nobody sealed" update --yes --dir "Z:$st" --accept-key \
	--server "127.0.0.1:$PORT"
check "nothing has changed" same_but_ours sealed_before "$st"
run 0 "it is sealed" seal "$update" --seal-key ours.key --os windows \
	--build 7.00.191205P -q
restart
update_of 0 "what is sealed" "$st"
check "the file is there" cmp "$update/smartclient.exe" "$st/smartclient.exe"
station 0 "verify" verify --dir "Z:$st"
stop_server
finish
