# A folder that erpsync never updated: nothing to recover, to verify or to
# bring back, and its files stay as they are. The INI file says the language.
mkdir client
echo content >client/a.dll
$ERPSYNC recover --dir client
$ERPSYNC verify --dir client
echo $?
printf '[config]\r\nlanguage=3\r\n' >client/SmartClient.ini
$ERPSYNC rollback --dir client
echo $?
$ERPSYNC recover --dir client --quiet
$ERPSYNC recover --dir client --lang es
ls -A client
cat client/a.dll
