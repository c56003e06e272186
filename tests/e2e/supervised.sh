#!/bin/sh
# A service manager's server: it hears when stations can come, that the server
# lives, and when it ends; and a manager that is gone harms nobody.
. "$(dirname "$0")/lib.sh"

cat >"$work/manager.py" <<'PY'
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
print("bound", flush=True)
while True:
    print(s.recv(4096).decode(), flush=True)
PY
python3 "$work/manager.py" "$work/notify" >"$work/heard" &
manager=$!
started="$started $manager"

# heard N TEXT: wait until the manager heard it so often.
heard() {
	tries=0
	until [ "$(grep -cx "$2" "$work/heard")" -ge "$1" ]; do
		tries=$((tries + 1))
		if [ $tries -gt 1200 ]; then
			cp "$work/heard" "$work/detail"
			return 1
		fi
		sleep 0.05
	done
}

check "the manager listens" heard 1 bound
export NOTIFY_SOCKET="$work/notify" WATCHDOG_USEC=1000000
make_tree "$work/v1" 1
cp -a "$work/v1/." "$update"
write_ini
start_server
check "it is ready" heard 1 READY=1
check "it lives" heard 2 WATCHDOG=1
check "the server offers v1" offers "$work/v1"
check "it reloads" reload
before=$(grep -c WATCHDOG=1 "$work/heard")
check "and lives" heard $((before + 1)) WATCHDOG=1
stop_server
check "it ends" heard 1 STOPPING=1
check "it was ready once" [ "$(grep -cx READY=1 "$work/heard")" = 1 ]
check "the end is the last word" \
	[ "$(tail -n 1 "$work/heard")" = STOPPING=1 ]

kill "$manager"
wait "$manager" 2>/dev/null
start_server
mkdir "$work/station"
update 0 "an update where the manager is gone" "$work/station"
check "it is v1" same_tree "$work/station" "$work/v1"
finish
