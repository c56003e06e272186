# A journal that cannot be explained: nothing is touched, and it is said.
mkdir -p client/.erpsync
chmod 700 client/.erpsync
echo junk >client/.erpsync/journal
$ERPSYNC recover --dir client
echo $?
$ERPSYNC rollback --dir client --lang en
echo $?
cat client/.erpsync/journal
