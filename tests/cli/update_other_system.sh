# A folder of one system that is told to be another's: nothing is asked of a
# server, which is not there.
mkdir client
: >client/smartclient.exe
for os in linux macosx windows; do
	$ERPSYNC update --yes --dir client --lang en --os $os \
		--server 127.0.0.1:1 --retries 0
	echo $?
done
$ERPSYNC update --yes --dir client --lang en --os linux --force \
	--server 127.0.0.1:1 --retries 0
echo $?
