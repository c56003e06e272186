# An update whose server is not there: nothing changes, in three languages.
mkdir client
echo content >client/a.dll
for lang in pt es en; do
	$ERPSYNC update --yes --dir client --lang $lang --server 127.0.0.1:1 \
		--retries 0 --exclude a.log --backup-exclude b.log \
		--station-id PC-07
	echo $?
done
cat client/a.dll
