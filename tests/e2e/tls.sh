#!/bin/sh
# TLS from both sides, each with openssl as the other: who is believed and who
# is not, with its code and in words; one end plain and the other not; what a
# station remembers; a server that is given another key while it serves.
. "$(dirname "$0")/lib.sh"

# Of a few files: what counts here is the way.
mkdir "$work/v0"
head -c 200000 /dev/urandom >"$work/v0/program"
echo one >"$work/v0/a.txt"
cp -a "$work/v0/." "$update"
pki=$work/pki
mkdir "$pki"

# --- certificates ------------------------------------------------------------

# ca NAME: a certificate authority.
ca() {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
		-keyout "$pki/$1.key" -out "$pki/$1.crt" -days 3000 \
		-subj "/CN=$1" 2>/dev/null
	: >"$pki/$1.index"
	echo 01 >"$pki/$1.serial"
	cat >"$pki/$1.conf" <<-CONF
		[ca]
		default_ca = it
		[it]
		database = $pki/$1.index
		serial = $pki/$1.serial
		new_certs_dir = $pki
		certificate = $pki/$1.crt
		private_key = $pki/$1.key
		default_md = sha256
		default_crl_days = 30
		policy = any
		copy_extensions = copy
		unique_subject = no
		[any]
		commonName = supplied
	CONF
}

# issue CA NAME SAN [ARGS...]: a key and a certificate of this CA.
issue() {
	issuer=$1
	name=$2
	san=$3
	shift 3
	openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
		-keyout "$pki/$name.key" -out "$pki/$name.csr" \
		-subj "/CN=$name" -addext "subjectAltName=$san" 2>/dev/null
	[ $# -gt 0 ] || set -- -days 30
	openssl ca -batch -notext -config "$pki/$issuer.conf" \
		-in "$pki/$name.csr" -out "$pki/$name.crt" "$@" 2>/dev/null
}

pin_of() {
	printf 'sha256//'
	openssl x509 -in "$1" -noout -pubkey |
		openssl pkey -pubin -outform der |
		openssl dgst -sha256 -binary | base64
}

ca good
ca other
issue good server IP:127.0.0.1,DNS:localhost
issue good expired IP:127.0.0.1 -startdate 20200101000000Z \
	-enddate 20210101000000Z
issue good early IP:127.0.0.1 -startdate 20450101000000Z \
	-enddate 20460101000000Z
issue good elsewhere IP:127.0.0.9,DNS:erp.example
issue good revoked IP:127.0.0.1
issue good station-7 DNS:station-7
issue other impostor IP:127.0.0.1
openssl ca -config "$pki/good.conf" -revoke "$pki/revoked.crt" 2>/dev/null
openssl ca -config "$pki/good.conf" -gencrl -out "$pki/crl" 2>/dev/null
cat "$pki/good.crt" "$pki/crl" >"$pki/good_and_crl.pem"
check "certificates are made" [ -s "$pki/impostor.crt" ]

# keygen, and what openssl makes of it.
run 0 "keygen" keygen --certificate "$pki/own.crt" --key "$pki/own.key" \
	--name 127.0.0.1 --name erp.example
check "its pin is as openssl has it" \
	[ "$(cat "$work/out")" = "Pin=$(pin_of "$pki/own.crt")" ]
check "the key is closed to others" \
	[ "$(stat -c %a "$pki/own.key")" = 600 ]
openssl verify -CAfile "$pki/own.crt" -verify_ip 127.0.0.1 "$pki/own.crt" \
	>"$work/verified" 2>&1
check "openssl takes its certificate for what it is" \
	grep -q 'own.crt: OK' "$work/verified"
run 1 "keygen writes over nothing" keygen --certificate "$pki/own.crt" \
	--key "$pki/new.key" --name x
check "... and leaves no half" [ ! -e "$pki/new.key" ]
run 11 "keygen cannot write the certificate" keygen --key "$pki/new.key" \
	--certificate /proc/none.crt --name x
check "... and leaves no key without one" [ ! -e "$pki/new.key" ]
run 1 "keygen puts no certificate over its key" keygen --name x \
	--key "$pki/new.key" --certificate "$pki/../${pki##*/}/new.key"
check "... and leaves neither" [ ! -e "$pki/new.key" ]

# --- our server, openssl's client ----------------------------------------------

# restart LINE...: the server with these keys.
restart() {
	[ -z "$SERVER_PID" ] || stop_server
	write_ini 'CompileAhead=0' "$@"
	start_server
}
own_pin() {
	sed -n 's/.*TLS with the key \(sha256[^ ,]*\).*/\1/p' "$log" | tail -n 1
}
# client ARGS...: what it says ends up in out.
client() {
	timeout 20 openssl s_client -connect "127.0.0.1:$PORT" "$@" \
		>"$work/out" 2>&1 </dev/null || :
}

restart
first_pin=$(own_pin)
check "its own certificate has no dates that count" \
	sh -c "! grep -q 'the certificate of' '$log'"
check "a server has a key of its own" [ -n "$first_pin" ]
check "... closed to others" \
	[ "$(stat -c %a "$work/state/tls.pem")" = 600 ]
client -alpn erpsync/1
check "openssl speaks TLS 1.3 with it" grep -q 'New, TLSv1.3' "$work/out"
check "... of our protocol" grep -q 'ALPN protocol: erpsync/1' "$work/out"
openssl x509 -in "$work/out" -out "$work/seen.crt"
check "... and sees its key" [ "$(pin_of "$work/seen.crt")" = "$first_pin" ]
client -alpn http/1.1
check "another protocol is refused" grep -qi 'alert' "$work/out"
client -alpn erpsync/1 -tls1_2
check "nothing below TLS 1.3" grep -qi 'alert protocol version' "$work/out"
check "... which the log tells" logged 'error proto: TLS: '
# A ticket comes behind HELLO: the golden one.
{
	perl -e 'print pack "H*", $ARGV[0]' "455250$(
		)73796e630a0100010000000000$(
		sed -n 's/^hello //p' "$here/../golden/messages.txt")"
	soon [ -s "$work/session" ]
} | timeout 20 openssl s_client -connect "127.0.0.1:$PORT" \
	-alpn erpsync/1 -sess_out "$work/session" >/dev/null 2>&1
check "a session can be taken up" [ -s "$work/session" ]
client -alpn erpsync/1 -sess_in "$work/session" -early_data "$pki/own.crt"
check "no early data" grep -q 'Early data was not sent' "$work/out"

# --- first use ---------------------------------------------------------------

st=$work/st
mkdir "$st"
check_tls() {
	tls_code=$1
	tls_what=$2
	shift 2
	run "$tls_code" "$tls_what" check --dir "$st" \
		--server "127.0.0.1:$PORT" --os linux --lang en \
		--retries 0 "$@"
}
check_tls 64 "a preview by TLS" --tls
check "... remembers nothing" [ ! -e "$st/.erpsync" ]
update 0 "the first update" "$st" --tls --format json
check "... is exact" same_tree "$st" "$work/v0"
check "... and remembers the key" \
	[ "$(cat "$st/.erpsync/servers")" = "127.0.0.1:$PORT $first_pin" ]
update 0 "the next is TLS without a word" "$st" --format json
check "... and costs less than 400 bytes inside: $(wire_bytes)" \
	[ "$(wire_bytes)" -lt 400 ]
check_tls 72 "nor is it plain again" --insecure
says "..." 'was reached by TLS before'

# Another key at the same place.
port=$PORT
mv "$work/state/tls.pem" "$work/first.pem"
kill -HUP "$SERVER_PID"
check "a key that is gone is told" logged 'own key is gone'
check_tls 0 "... and the one in use stays"
stop_server
start_server "$port"
check "a new one where stations were served is warned of" \
	logged 'stations that remember another refuse it'
check_tls 72 "a changed key is refused"
says "... with the key that it has" "$(own_pin)"
says "... and the one it had" "$first_pin"
says "... and how to take it" '--accept-key'
run 72 "... in Portuguese, too" check --dir "$st" \
	--server "127.0.0.1:$PORT" --lang pt
says "..." 'UPD051: A conexão com o servidor não é segura'
check_tls 0 "a look at the new one" --accept-key
check_tls 72 "... is no more than that"
update 0 "the person takes it" "$st" --accept-key
check_tls 0 "... for good"
check "one line is the server's" \
	[ "$(wc -l <"$st/.erpsync/servers")" -eq 1 ]
echo damaged >"$st/.erpsync/servers"
check_tls 11 "a damaged memory is not passed over"
says "a damaged memory" "What to do: Mend or remove this line."
printf '%s\n' "other:1 p" "127.0.0.1:$PORT sha256//AAAA=" \
	>"$st/.erpsync/servers"
check_tls 11 "nor is a key that is none"
says "a key that is none" '.erpsync/servers:2: is not HOST:PORT and a key'
check_tls 0 "... unless it is to be another" --accept-key
rm "$st/.erpsync/servers"
mkdir "$st/.erpsync/servers"
check_tls 11 "nor is one that is no file"
says "one that is no file" "What to do: Move it away."
rmdir "$st/.erpsync/servers"

# --- a round trip less, from run to run ------------------------------------------

${CC:-cc} -std=c11 -D_DEFAULT_SOURCE -O1 -o "$tools/trips" "$here/trips.c" ||
	exit 1
: >"$work/line"
"$tools/trips" pass "$PORT" "$work/first" >"$work/line" 2>/dev/null &
started="$started $!"
soon [ -s "$work/line" ]
ours=$PORT
line=$(head -n 1 "$work/line")
calls=0
has_called() {
	[ "$(wc -l <"$work/line")" -gt $calls ]
}
# trips N TEXT: so many had the connection that has just ended; sets trips_bytes.
trips() {
	calls=$((calls + 1))
	soon has_called
	trips_n=$(sed -n "$((calls + 1))p" "$work/line")
	trips_bytes=${trips_n#* }
	check "$2: ${trips_n%% *} round trips" [ "${trips_n%% *}" = "$1" ]
}
# again N TEXT ARGS...: a station with nothing to do, on the long line.
again() {
	again_n=$1
	again_what=$2
	shift 2
	PORT=$line
	before=$(served)
	update 0 "$again_what" "$distant" --tls --retries 0 --format json "$@"
	PORT=$ours
	trips "$again_n" "$again_what"
	check "... and was served as any" soon has_served $((before + 1))
}
served() {
	grep -c "${1:-}compatible: current" "$log"
}
# has_served N [WHO]: so many had nothing to do.
has_served() {
	[ "$(served "${2:-}")" = "$1" ]
}
distant=$work/distant
mkdir "$distant"
PORT=$line
update 0 "an update on a long line" "$distant" --tls --retries 0
trips 4 "... with something to do"
PORT=$ours
check "... keeps a ticket" [ -s "$distant/.erpsync/ticket" ]
check "... of its own" [ "$(stat -c %a "$distant/.erpsync/ticket")" = 600 ]
again 2 "who says something new"
inside=$(wire_bytes)
cp "$distant/.erpsync/ticket" "$work/ticket"
again 1 "who says the same again"
check "... in 3 KB: $trips_bytes" [ $((${trips_bytes% *} + ${trips_bytes#* })) -le 3072 ]
check "... tells of the same bytes inside" [ "$(wire_bytes)" = "$inside" ]
check "... and the ticket stays" cmp "$work/ticket" "$distant/.erpsync/ticket"
again 1 "... as often as it does"
run 0 "a look" check --dir "$distant" --server "127.0.0.1:$line" --lang en \
	--os linux
trips 2 "... says something else"
check "... and leaves the ticket" cmp "$work/ticket" "$distant/.erpsync/ticket"
again 2 "another name" --station-id another
again 2 "... and the one before" --station-id "$(uname -n)x"
again 2 "it takes no key for granted" --station-id "$(uname -n)x" --accept-key
again 1 "... and all others" --station-id "$(uname -n)x" --pin "$(own_pin)"
cp "$distant/.erpsync/servers" "$work/servers"
: >"$distant/.erpsync/servers"
again 2 "no key is known" --station-id "$(uname -n)x"
echo damaged >"$distant/.erpsync/ticket"
again 2 "a damaged ticket"
again 1 "... is replaced"
rm "$distant/.erpsync/ticket"
mkdir "$distant/.erpsync/ticket"
again 2 "what is no ticket"
again 1 "... goes"
cp "$work/first" "$work/recorded"
before=$(served)
check "a recorded beginning is answered" \
	"$tools/trips" replay "$PORT" "$work/recorded"
check "... with nothing that can be read" \
	[ "$(grep -c ERPsync "$work/recorded.answer")" = 0 ]
check "... to a stranger" logged 'no greeting'
check "... and nobody was served" has_served "$before"
check "SIGHUP" reload
again 2 "after it the tickets before are none"
again 1 "... and those since are"
PORT=$ours
stop_server
start_server "$ours"
again 2 "after a start, too"
again 1 "..."
echo more >"$update/more.txt"
check "something new is published" reload published
PORT=$line
update 0 "what is new comes by a ticket" "$distant" --tls --retries 0
check "... exactly" same_tree "$distant" "$update"
PORT=$ours
rm "$update/more.txt"
check "as before" reload published

# --- pins, authorities ---------------------------------------------------------

check_tls 0 "a pin" --pin "$(own_pin)"
check_tls 72 "another pin" --pin "$first_pin"
says "..." 'not the one that Pin says'
check_tls 1 "no pin at all" --pin sha1//abc
printf '[ErpSync]\nPin=sha256//0\n' >"$st/.erpsync/station.ini"
check_tls 72 "what is no pin"
says "..." 'station.ini:2: Pin=sha256//0 is no pin'
printf '[ErpSync]\nPin=%s\n' "$first_pin" >"$st/.erpsync/station.ini"
check_tls 72 "a pin in station.ini"
check_tls 0 "... which an option passes" --pin "$(own_pin)"
printf '[ErpSync]\nSecureConnection=1\nCA=../ca.pem\n' \
	>"$st/.erpsync/station.ini"
cp "$pki/good.crt" "$work/ca.pem"
check_tls 72 "a CA that did not issue it"
says "..." 'issued by nobody in the CA file'
chmod 644 "$pki/server.key"
restart "CertificateServer=$pki/server.crt" "KeyServer=$pki/server.key"
check "a key that others may read is told" \
	logged "WARN ][ERPSYNC] the secret key $pki/server.key can be read"
chmod 600 "$pki/server.key"
check_tls 0 "a CA in station.ini, beside the folder"
rm "$st/.erpsync/station.ini"
check_tls 0 "a CA and a pin" --ca "$pki/good.crt" \
	--pin "$(pin_of "$pki/server.crt")"
check_tls 72 "a CA and another pin" --ca "$pki/good.crt" --pin "$first_pin"
check_tls 0 "a CA with its list" --ca "$pki/good_and_crl.pem"
check_tls 72 "another CA" --ca "$pki/other.crt"
check_tls 11 "no such file" --ca "$pki/none"
says "..." "$pki/none"
mkfifo -m 600 "$pki/fifo"
check_tls 1 "a FIFO that nobody writes, as a CA" --ca "$pki/fifo"
check_tls 1 "... and as a certificate" --ca "$pki/good.crt" \
	--certificate "$pki/fifo" --key "$pki/fifo"
says "..." "$pki/fifo: is no regular file"
client -alpn erpsync/1 -CAfile "$pki/good.crt" -verify_return_error \
	-verify_ip 127.0.0.1
check "openssl believes it" grep -q 'Verify return code: 0' "$work/out"

# Each wrong certificate by its own words.
wrong() {
	restart "CertificateServer=$pki/$1.crt" "KeyServer=$pki/$1.key"
	check_tls 72 "$1" --ca "$pki/good_and_crl.pem"
	says "..." "$2"
}
# dated CODE TEXT: the server itself and its doctor say this of the dates.
dated() {
	check "its server says so" \
		logged "WARN ][ERPSYNC] the certificate of CertificateServer $2"
	echo "Listen=127.0.0.1:$PORT" >>"$ini"
	run "$1" "... and its doctor" doctor --config "$ini" --lang en
	cp "$work/out" "$work/detail"
	check "... in these words" \
		grep -qF "the certificate of CertificateServer $2" "$work/out"
}
wrong expired 'has expired'
dated 1 'expired on 2021-01-01 00:00:00 UTC'
wrong early 'not valid yet'
dated 1 'is not valid before 2045-01-01 00:00:00 UTC'
wrong elsewhere 'is for another name, not for 127.0.0.1'
wrong revoked 'was revoked'
wrong impostor 'issued by nobody'
dated 0 'expires on '
check_tls 0 "without a CA its key is what counts" \
	--pin "$(pin_of "$pki/impostor.crt")"

# --- stations with certificates ------------------------------------------------

restart "CertificateServer=$pki/server.crt" "KeyServer=$pki/server.key" \
	"ClientCA=$pki/good.crt"
check_tls 72 "a station without a certificate" --ca "$pki/good.crt"
says "..." 'wants a certificate of this station'
check_tls 72 "... with one of another CA" --ca "$pki/good.crt" \
	--certificate "$pki/impostor.crt" --key "$pki/impostor.key"
check_tls 72 "... without TLS, on this machine as well" --insecure
says "..." 'stations with a certificate only'
chmod 644 "$pki/station-7.key"
check_tls 0 "... with one" --ca "$pki/good.crt" \
	--certificate "$pki/station-7.crt" --key "$pki/station-7.key" \
	--station-id somebody-else
check "it goes by its certificate's name" logged 'station station-7,'
says "its key is of all" "the secret key $pki/station-7.key can be read"
chmod 600 "$pki/station-7.key"
seventh=$work/seventh
mkdir "$seventh"
# seven CODE TEXT: its update, with its certificate.
seven() {
	update "$1" "$2" "$seventh" --tls --ca "$pki/good.crt" --retries 0 \
		--certificate "$pki/station-7.crt" --key "$pki/station-7.key"
}
seven 0 "it is updated"
seven 0 "... has nothing to do"
cp "$seventh/.erpsync/ticket" "$work/ticket"
seven 0 "... and comes by its ticket"
check "... the same" cmp "$work/ticket" "$seventh/.erpsync/ticket"
check "... as who it is" soon has_served 2 'station station-7,.*'
update 72 "nobody has it without its certificate" "$seventh" --tls \
	--ca "$pki/good.crt" --retries 0
openssl ca -config "$pki/good.conf" -revoke "$pki/station-7.crt" 2>/dev/null
openssl ca -config "$pki/good.conf" -gencrl -out "$pki/crl" 2>/dev/null
cat "$pki/good.crt" "$pki/crl" >"$pki/clients.pem"
write_ini 'CompileAhead=0' "CertificateServer=$pki/server.crt" \
	"KeyServer=$pki/server.key" "ClientCA=$pki/clients.pem"
check "its certificate is revoked" reload
seven 72 "... and its ticket with it"
check_tls 1 "a key that is another's" --ca "$pki/good.crt" \
	--certificate "$pki/station-7.crt" --key "$pki/server.key"

# --- openssl's server, our station ---------------------------------------------

# others ARGS...: sets PORT; says what is in $words to whom it has a handshake
# with.
words=/dev/null
others() {
	PORT=$((20000 + $$ % 20000))
	until openssl s_server -accept "127.0.0.1:$PORT" -quiet \
		-cert "$pki/server.crt" -key "$pki/server.key" "$@" \
		>"$work/s_server" 2>&1 <"$words" &
		other=$!
		sleep 0.5
		kill -0 $other 2>/dev/null; do
		PORT=$((PORT + 1))
		[ $PORT -lt 45000 ] || return 1
	done
	started="$started $other"
	soon is_listening
}
is_listening() {
	openssl s_client -connect "127.0.0.1:$PORT" </dev/null >/dev/null 2>&1
}
no_more_others() {
	kill $other 2>/dev/null
	wait $other 2>/dev/null
}
ours=$PORT
others -alpn http/1.1
check_tls 72 "a server of something else" --tls
no_more_others
others
check_tls 72 "... that does not say of what" --tls
says "..." 'the protocol is not erpsync/1'
check_tls 10 "plain to a server that speaks TLS only"
says "..." 'wants TLS (--tls)'
no_more_others
others -tls1_2
check_tls 72 "a server without TLS 1.3" --tls
says "..." 'has no TLS 1.3'
no_more_others
# Who speaks of our protocol, and not in it, served nothing.
words=/dev/zero
others -alpn erpsync/1 -tls1_3
mkdir "$work/deceived"
update 12 "a server that speaks no protocol of ours" "$work/deceived" --tls \
	--retries 0
check "... is not remembered" [ ! -e "$work/deceived/.erpsync/servers" ]
check "... nor is its ticket" [ ! -e "$work/deceived/.erpsync/ticket" ]
no_more_others
stop_server
write_ini 'CompileAhead=0'
start_server "$PORT"
update 0 "the server that is there next" "$work/deceived" --tls
check "... is" grep -q "^127.0.0.1:$PORT sha256//" \
	"$work/deceived/.erpsync/servers"

# --- another certificate while stations are served -----------------------------

cp "$pki/server.crt" "$work/live.crt"
cp "$pki/server.key" "$work/live.key"
head -c 3000000 /dev/urandom >"$update/large"
restart "CertificateServer=$work/live.crt" "KeyServer=$work/live.key"
check "the server has something new" logged 'linux: published release'
"$erpsync" update --dir "$st" --server "127.0.0.1:$PORT" --os linux --yes -q \
	--tls --ca "$pki/good.crt" --bwlimit 1M >"$work/going" 2>&1 &
going=$!
soon has_got "$st" 1
echo nothing >"$work/live.crt"
kill -HUP "$SERVER_PID"
check "a bad file at SIGHUP is told" logged 'configuration not reloaded'
check_tls 64 "... and changes nothing" --ca "$pki/good.crt"
cp "$pki/expired.crt" "$work/live.crt"
cp "$pki/expired.key" "$work/live.key"
check "one that has expired is taken" reload
check "... and told of" logged 'CertificateServer expired on 2021-01-01'
cp "$pki/impostor.crt" "$work/live.crt"
cp "$pki/impostor.key" "$work/live.key"
check "a good one counts" reload
check "an update goes on meanwhile" kill -0 $going
check_tls 72 "who comes now sees the new one" --ca "$pki/good.crt"
code=0
wait $going || code=$?
cp "$work/going" "$work/detail"
check "who was served before is served to the end, not $code" [ $code = 0 ]
check "... exactly" cmp "$st/large" "$update/large"
stop_server

# --- from other machines ---------------------------------------------------------

# An address that is not loopback's, in a network of our own.
cat >"$work/far.sh" <<'END'
ip link set lo up && ip addr add 10.77.0.1/24 dev lo || exit 77
"$erpsync" serve --config "$ini" --state "$work/state" --listen 10.77.0.1:0 \
	2>"$log" & server=$!
tries=0
until port=$(sed -n 's/.*listening on 10.77.0.1:\([0-9]*\).*/\1/p' "$log") &&
	[ -n "$port" ] || [ $tries -gt 2400 ]; do
	tries=$((tries + 1))
	sleep 0.05
done
for how in '' --insecure '' --insecure; do
	# The third is the first time again.
	[ -z "$how" ] || rm -f "$far/.erpsync/servers"
	"$erpsync" update --dir "$far" --server "10.77.0.1:$port" --lang en \
		--os linux --yes --retries 0 $how >>"$work/out" 2>"$work/err"
	echo "$how $? $(cat "$far/.erpsync/servers" 2>/dev/null |
		grep -c "$port sha256//") $(
		grep -c 'has no TLS' "$work/err") $(
		grep -c 'by TLS only' "$work/err")" >>"$work/told"
	[ -n "$how" ] || continue
	echo Insecure=1 >>"$ini"
	kill -HUP $server
	tries=0
	until grep -q reloaded "$log" || [ $tries -gt 2400 ]; do
		tries=$((tries + 1))
		sleep 0.05
	done
done
kill $server
wait
END
far=$work/far
mkdir "$far"
write_ini
: >"$work/told"
export erpsync ini work log far
code=0
unshare -n sh "$work/far.sh" >"$work/detail" 2>&1 || code=$?
if [ ! -s "$work/told" ]; then
	skip "no network of our own (code $code)"
else
	cat >"$work/expected" <<-END
		 0 1 0 0
		--insecure 72 0 1 1
		 0 1 0 0
		--insecure 0 0 1 0
	END
	check "TLS by itself; plain only where both ends say so" \
		diff "$work/expected" "$work/told"
	check "... and the server warns of it" grep -q 'WARN.*Insecure=1' "$log"
fi
finish
