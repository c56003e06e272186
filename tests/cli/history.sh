# The backups of a folder, made by rollbacks of a backup that lies here: none
# at first; then what is listed, and what does not verify.
mkdir client
$ERPSYNC history --dir client --lang en
$ERPSYNC history --dir client --lang pt
$ERPSYNC history --dir client --format csv
$ERPSYNC history --dir client --format json
mkdir client/bkp_remote.001
$ERPSYNC history --dir client --lang en
echo $?
mkdir -p client/bkp_remote.002/.erpsync
printf 'ERPBKUP1, but not more' >client/bkp_remote.002/.erpsync/backup
$ERPSYNC history --dir client --lang en
echo $?
$ERPSYNC history --dir client --format csv --quiet
echo $?
$ERPSYNC history --dir nowhere --lang en
echo $?
$ERPSYNC history
$ERPSYNC history --dir client --format html
