# A station's INI that is wrong where no release brought it so, or that cannot
# be read at all.
try() { $ERPSYNC "$@" --lang en; echo "$?: $*"; }
mkdir wrong folder
printf '[ErpSync]\nServer=127.0.0.1\nPort=1\nRetries=many\n' \
	>wrong/smartclient.ini
mkdir folder/smartclient.ini
mkdir loop closed
ln -s smartclient.ini loop/smartclient.ini
cp wrong/smartclient.ini closed/
echo x >closed/.erpsync
try update --dir wrong
try check --dir wrong
try update --dir wrong --quiet
try update --dir folder
try check --dir folder
try update --dir loop
try update --dir closed
try update --dir closed --server 127.0.0.1:1 --retries 0
# Whom to trust is not passed over, whatever server is named.
sed 's/Retries=.*/Pin=none/' wrong/smartclient.ini >closed/smartclient.ini
try update --dir closed --server 127.0.0.1:1 --retries 0
