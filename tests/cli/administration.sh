# What an administrator is told: of sealing, of releases, of keys.
printf '[Update]\nEnable=1\nPathLinux=up\n[ErpSync]\nState=st\nBuild=1\n' >c.ini
mkdir up
echo x >up/a.txt
touch -d @1000000000 up up/a.txt
try() { $ERPSYNC "$@" --lang en; echo "$?: $*"; }
try keygen --seal ours --no-passphrase --quiet
try seal none --seal-key ours.key --os linux --build 1
try seal up --seal-key none.key --os linux --build 1
try seal up --seal-key ours.key --os linux --build 1 --serial 1048577
try seal up --seal-key ours.key --os linux --build 1 --serial 1048576 \
	>sealed 2>&1
head -n 1 sealed | grep -oE '[0-9a-f]{64}' | wc -l
try releases --config c.ini
try publish --config c.ini --quiet
try releases --config c.ini --format csv | cut -d , -f 1-3
try publish --config c.ini --from 7 --os linux
try hold 7 --config c.ini
try hold 1 --config c.ini --quiet
try publish --config c.ini --from 1 --os windows
mkdir client
printf 'p w\n' | try seal up --seal-key none.key --os linux --build 1
printf '' | try keygen --seal locked
try keys list --dir client
try keys remove 1 --dir client
try keys add none.pub --dir client
try keys add ours.pub --dir client | sed 's/^[0-9A-F]\{16\}.*/KEY/'
try keys list --dir client | sed 's/^[0-9A-F]\{16\}.*/KEY/'
try recover --dir client
try verify --dir client
