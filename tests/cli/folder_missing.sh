# A folder that does not exist, in each language.
for lang in pt es en; do
	$ERPSYNC verify --dir nowhere --lang $lang
	echo $?
done
$ERPSYNC recover --dir nowhere -q
echo $?
LC_ALL=es_AR.UTF-8 $ERPSYNC rollback --dir nowhere
