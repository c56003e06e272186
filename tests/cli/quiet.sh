# -q with every command: what went well is not told, and what was asked for is.
tell() {
	$ERPSYNC "$@" </dev/null
	echo "$1: $?"
}
mkdir update client
echo content >update/a.txt
printf '[Update]\nEnable=1\nPathLinux=%s\n' "$PWD/update" >server.ini
tell publish --config server.ini --state state --compile -q
tell keygen --seal ours --no-passphrase -q
tell seal update --seal-key ours.key -q
tell keygen --certificate server.crt --key server.key --name erp.example -q
ls
tell self-test -q .
tell signature -q server.ini sums
tell delta -q sums update/a.txt changes
tell patch -q server.ini changes made
cmp made update/a.txt
tell recover --dir client -q
tell history --dir client -q
tell keys --dir client -q list
# What goes wrong is told.
tell publish --config nowhere.ini -q --lang en
tell patch -q nowhere changes again --lang en
