# A folder that does not exist, in each language.
for lang in pt es en; do
	$ERPSYNC verify --dir nowhere --lang $lang
	echo $?
done
$ERPSYNC recover --dir nowhere -q
echo $?
# Not that it tells no server: there is nothing that could.
$ERPSYNC update --dir nowhere --lang en
echo $?
$ERPSYNC run --dir nowhere --lang en -- true
echo $?
touch file
$ERPSYNC check --dir file --lang en
echo $?
$ERPSYNC check --dir . --lang en
echo $?
LC_ALL=es_AR.UTF-8 $ERPSYNC rollback --dir nowhere
