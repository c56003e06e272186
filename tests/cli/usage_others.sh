# What the other commands are asked wrongly, and what they cannot find.
complain() { $ERPSYNC "$@"; echo "$?: $*"; }
complain keygen --lang en
complain keygen --lang en --name 'a b' c
complain keygen --lang en --name '' c
complain keygen --lang en --seal '' --no-passphrase
complain keygen --lang en --seal ./ --no-passphrase
complain keygen --lang en --name x --certificate same --key ./same
complain keys --lang en --dir here
complain keys --lang en add none --dir here
complain seal --lang en
complain releases --lang en
complain releases --lang en --config none
complain publish --lang en
complain publish --lang en --config none
complain serve --lang en --config none
complain doctor --lang en
complain self-test --lang en --dir none
complain history --lang en --dir none
complain verify --lang en --dir none
complain rollback --lang en --dir none
complain recover --lang en --dir none
printf '[Update]\nEnable=1\nPathLinux=up\n[ErpSync]\nState=st\n' >c.ini
mkdir up; echo junk >junk.minisig
$ERPSYNC keygen --seal ours --no-passphrase --quiet
complain seal --lang en --seal-key ours.key up --to up/x.minisig
complain seal --lang en --seal-key ours.key up --to junk.minisig
rm ours.key ours.pub junk.minisig
echo x >up/a.txt; touch -d @1000000000 up/a.txt
complain serve --lang en --config c.ini --listen a:b
complain serve --lang en --config c.ini --listen 127.0.0.1:x
complain serve --lang en --config c.ini --listen ""
complain publish --lang en --config c.ini --os beos
complain publish --lang en --config c.ini
complain publish --lang pt --config c.ini --quiet
