# measure.sh: records, meters and servers; bench/run sources it.
# shellcheck shell=sh disable=SC2154

# record GROUP SUBJECT TOOL METRIC VALUE: one figure of one repetition.
record() {
	printf '%s\t%s\t%s\t%s\t%s\n' "$@" >>"$raw"
}

say() {
	echo "$*" >&2
}

die() {
	echo "bench: $*" >&2
	exit 1
}

# Folders that were used. Deleting thousands of files slows down who makes some
# later: blocks are discarded late, and ext4 without a journal passes over inodes
# for up to six minutes after their deletion. So nothing is deleted between runs.
# Updates free inodes as well, so folders lie apart on the disk, each as if it
# were the only one.

# apart DIR: make it; what is made in it lies apart, where ext4 is asked to.
apart() {
	mkdir -p "$1"
	chattr +T "$1" 2>/dev/null || :
}

# put_away DIR: out of the way, until all_over.
put_away() {
	[ -e "$1" ] || return 0
	away=$((away + 1))
	mkdir -p "$work/used"
	mv "$1" "$work/used/$away"
}

# all_over: delete what was put away, unless that is very many files: those go
# at the end of everything.
all_over() {
	[ -e "$work/used" ] || return 0
	if [ "$(find "$work/used" | wc -l)" -gt 10000 ]; then
		mv "$work/used" "$work/kept.$away"
	else
		rm -rf "$work/used"
		sync -f "$work"
	fi
}

# timed COMMAND...: run it; sets wall cpu rss and code.
timed() {
	rm -f "$work/cost"
	"$tools/measure" "$work/cost" "$@" >"$work/out" 2>"$work/err" \
		</dev/null || :
	read -r wall cpu rss code <"$work/cost" || die "cannot run $1"
}

# must COMMAND...: timed, and it has to succeed.
must() {
	timed "$@"
	[ "$code" -eq 0 ] || {
		tail -n 5 "$work/err" >&2
		die "exit code $code: $*"
	}
}

minus() {
	awk -v a="$1" -v b="$2" 'BEGIN { printf "%.4f", a - b }'
}

plus() {
	awk -v a="$1" -v b="$2" 'BEGIN { printf "%.4f", a + b }'
}

less() {
	awk -v a="$1" -v b="$2" 'BEGIN { exit !(a < b) }'
}

# first_line FILE: once it is there.
first_line() {
	n=0
	until [ -s "$1" ]; do
		n=$((n + 1))
		[ $n -lt 200 ] || die "nothing comes up: $1"
		sleep 0.02
	done
	head -n 1 "$1"
}

# listens PORT: wait for that, without a connection.
listens() {
	hex=$(printf '0100007F:%04X' "$1")
	n=0
	until grep -q " $hex 00000000:0000 0A " /proc/net/tcp; do
		n=$((n + 1))
		[ $n -lt 500 ] || die "nobody listens at port $1"
		sleep 0.02
	done
}

# --- the line ---------------------------------------------------------------

# link_begin PORT [RATE RTT]: sets link_port.
link_begin() {
	: >"$work/link"
	"$tools/link" "$@" >"$work/link" &
	link_pid=$!
	link_port=$(first_line "$work/link")
}

# link_end: sets up and down, the bytes that went through.
link_end() {
	kill "$link_pid"
	wait "$link_pid" || :
	link_pid=
	up=$(awk 'NR == 2 { print $1 }' "$work/link")
	down=$(awk 'NR == 2 { print $2 }' "$work/link")
}

# --- erpsync's server -------------------------------------------------------

# erp_offer DIR: what the AppServer.ini points at.
erp_offer() {
	printf '[Update]\nEnable=1\nPathLinux=%s\n[ErpSync]\nSettle=0\n' \
		"$1" >"$work/appserver.ini"
}

# erp_published N: wait for the Nth release since the start.
erp_published() {
	n=0
	until [ "$(grep -c 'published release' "$work/erp.log")" -ge "$1" ]; do
		n=$((n + 1))
		[ $n -lt 3000 ] || die "erpsync does not publish"
		sleep 0.1
	done
}

# erp_begin DIR: a server that knows nothing publishes DIR.  Sets erp_pid and
# erp_port.
erp_begin() {
	put_away "$work/state"
	: >"$work/erp.log"
	erp_offer "$1"
	"$erpsync" serve --config "$work/appserver.ini" \
		--state "$work/state" --listen 127.0.0.1:0 \
		2>>"$work/erp.log" >/dev/null </dev/null &
	erp_pid=$!
	erp_published 1
	erp_port=$(sed -n \
		's/.*listening on 127\.0\.0\.1:\([0-9]*\).*/\1/p' \
		"$work/erp.log")
}

# erp_next DIR: the same server publishes DIR as its second release.
erp_next() {
	erp_offer "$1"
	kill -HUP "$erp_pid"
	erp_published 2
}

# erp_known COUNT: so many stations that the server has brought to $old, which
# it has published: $work/known/1 and so on.  They are updated where they are:
# a copy would have other inodes than they remember.
erp_known() {
	put_away "$work/known"
	apart "$work/known"
	for i in $(seq "$1"); do
		cp -a "$old" "$work/known/$i"
		fetch erpsync "$erp_port" "$work/known/$i"
	done
	sync -f "$work/known"
}

erp_end() {
	kill "$erp_pid"
	wait "$erp_pid" || die "erpsync serve ended badly"
	erp_pid=
}

erp_cpu() {
	"$tools/measure" -p "$erp_pid" | cut -d' ' -f1
}

# erp_busy: has it a thread that computes, would like to, or waits for a disk?
erp_busy() {
	cat "/proc/$erp_pid/task/"*/stat | sed 's/.*) //' | grep -q '^[RD]'
}

# erp_idle: wait until the server has computed nothing for a second, and not
# because others had the processor.
erp_idle() {
	before=-1
	now=$(erp_cpu)
	while less "0.005" "$(minus "$now" "$before")" || erp_busy; do
		sleep 1
		before=$now
		now=$(erp_cpu)
	done
}

# erp_meter_begin, erp_meter_end: sets server_cpu and server_rss of the time
# in between.
erp_meter_begin() {
	"$tools/measure" -r "$erp_pid" || :
	cpu_before=$(erp_cpu)
}

erp_meter_end() {
	"$tools/measure" -p "$erp_pid" >"$work/meter"
	read -r cpu_after server_rss <"$work/meter"
	server_cpu=$(minus "$cpu_after" "$cpu_before")
}

# --- other servers: one life for each measurement ---------------------------

# other_begin COMMAND...: a server whose whole cost is its children's too.
other_begin() {
	rm -f "$work/other"
	"$tools/measure" "$work/other" "$@" >"$work/other.log" 2>&1 \
		</dev/null &
	other_pid=$!
	listens "$other_port"
}

# other_end: sets server_cpu and server_rss.
other_end() {
	kill "$other_pid"
	wait "$other_pid" || :
	other_pid=
	read -r _ server_cpu server_rss _ <"$work/other" ||
		die "a server left no figures"
}

# rsync_begin DIR
rsync_begin() {
	other_port=$("$tools/probe" free)
	cat >"$work/rsyncd.conf" <<-END
		use chroot = no
		reverse lookup = no
		log file = $work/rsyncd.log
		[new]
		path = $1
		uid = $(id -u)
		gid = $(id -g)
		read only = yes
	END
	other_begin rsync --daemon --no-detach --address=127.0.0.1 \
		--config="$work/rsyncd.conf" --port="$other_port"
}

# nginx_begin DIR
nginx_begin() {
	other_port=$("$tools/probe" free)
	mkdir -p "$work/nginx"
	cat >"$work/nginx.conf" <<-END
		daemon off;
		master_process off;
		pid $work/nginx/pid;
		error_log stderr crit;
		events { worker_connections 64; }
		http {
			access_log off;
			client_body_temp_path $work/nginx/a;
			proxy_temp_path $work/nginx/b;
			fastcgi_temp_path $work/nginx/c;
			uwsgi_temp_path $work/nginx/d;
			scgi_temp_path $work/nginx/e;
			server {
				listen 127.0.0.1:$other_port;
				root $1;
			}
		}
	END
	other_begin nginx -c "$work/nginx.conf" -p "$work/nginx" -e stderr
}

# --- stations ---------------------------------------------------------------

# station DIR: a fresh copy with nothing left to write to the disk; one that
# erp_known made is used as it is.  Sets st.
station() {
	case $1 in
	"$work"/known/*) st=$1 && return ;;
	esac
	st=$work/station/1
	put_away "$st"
	apart "$work/station"
	cp -a "$1" "$st"
	sync -f "$st"
}

# same DIR WHO: the station must have all of it now. Nobody was asked to
# delete what the new folder no longer has.
same() {
	diff -rq -x .erpsync -x 'bkp_remote.*' "$1" "$st" |
		grep -v "^Only in $st" >"$work/diff" || return 0
	head -n 5 "$work/diff" >&2
	die "$2 left something else than the new folder"
}

# fetch TOOL PORT DIR: the command of a station.
fetch() {
	case $1 in
	erpsync*) set -- "$erpsync" update -d "$3" -s "127.0.0.1:$2" \
		--os linux --yes --quiet ;;
	'rsync -z --zl=19') set -- rsync -az --zl=19 \
		"rsync://127.0.0.1:$2/new/" "$3/" ;;
	'rsync -z') set -- rsync -az "rsync://127.0.0.1:$2/new/" "$3/" ;;
	*) set -- rsync -a "rsync://127.0.0.1:$2/new/" "$3/" ;;
	esac
	timed "$@"
	[ "$code" -eq 0 ] || {
		tail -n 5 "$work/err" >&2
		die "exit code $code: $*"
	}
}
