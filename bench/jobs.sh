# jobs.sh: what is measured; bench/run sources it.
# shellcheck shell=sh disable=SC2154,SC2034

# record_run GROUP SUBJECT TOOL METERED: the figures of the last run; bytes if
# it went through the meter, else costs.
record_run() {
	if [ "$4" = yes ]; then
		record "$1" "$2" "$3" up "$up"
		record "$1" "$2" "$3" down "$down"
		record "$1" "$2" "$3" bytes $((up + down))
	else
		record "$1" "$2" "$3" wall "$wall"
		record "$1" "$2" "$3" station_cpu "$cpu"
		record "$1" "$2" "$3" station_rss "$rss"
		record "$1" "$2" "$3" server_cpu "$server_cpu"
		record "$1" "$2" "$3" server_rss "$server_rss"
	fi
}

# erp_update GROUP SUBJECT TOOL FROM METERED: one station that has FROM
# becomes $new, at the server that runs.
erp_update() {
	station "$4"
	[ "$5" = no ] || link_begin "$erp_port"
	port=$erp_port
	[ "$5" = no ] || port=$link_port
	erp_meter_begin
	fetch "$3" "$port" "$st"
	erp_meter_end
	[ "$5" = no ] || link_end
	same "$new" "$3"
	record_run "$1" "$2" "$3" "$5"
}

# rsync_update GROUP SUBJECT TOOL FROM METERED: likewise, with its own server.
rsync_update() {
	station "$4"
	rsync_begin "$new"
	[ "$5" = no ] || link_begin "$other_port"
	port=$other_port
	[ "$5" = no ] || port=$link_port
	fetch "$3" "$port" "$st"
	[ "$5" = no ] || link_end
	other_end
	same "$new" "$3"
	record_run "$1" "$2" "$3" "$5"
}

# --- one pair, all tools, loopback ------------------------------------------

# known NAME METERED: the server brought its stations to the old release and
# published the new one.  The first station comes at once; the second when there
# is nothing left to prepare, and then one that the server has never met.
known() {
	erp_begin "$old"
	erp_known 2
	erp_next "$new"
	erp_update pair "$1" 'erpsync, first' "$work/known/1" "$2"
	erp_meter_begin
	erp_idle
	erp_meter_end
	if [ "$2" = no ]; then
		record pair "$1" 'erpsync, ready' make_cpu "$server_cpu"
		record pair "$1" 'erpsync, ready' make_rss "$server_rss"
	fi
	erp_update pair "$1" 'erpsync, ready' "$work/known/2" "$2"
	erp_update pair "$1" 'erpsync, new station' "$old" "$2"
	[ "$2" = yes ] || erp_update pair "$1" 'erpsync, no-op' "$new" no
	# A station of which the server has never seen a file.
	! row edited || erp_update edited "$1" erpsync "$work/edited" "$2"
	erp_end
}

unknown() {
	erp_begin "$new"
	erp_update pair "$1" 'erpsync, unknown' "$old" "$2"
	erp_end
}

# empty NAME METERED: stations that have nothing yet.
empty() {
	mkdir -p "$work/none"
	erp_begin "$new"
	erp_update empty "$1" 'erpsync, first' "$work/none" "$2"
	erp_idle
	erp_update empty "$1" 'erpsync, ready' "$work/none" "$2"
	erp_end
	rsync_update empty "$1" 'rsync -z' "$work/none" "$2"
}

# with_rsync NAME METERED
with_rsync() {
	rsync_update pair "$1" rsync "$old" "$2"
	rsync_update pair "$1" 'rsync -z' "$old" "$2"
}

# one_run NAME METERED: every row of the pair that has a server, once.
one_run() {
	! row unknown || unknown "$1" "$2"
	! row known || known "$1" "$2"
	! row rsync || with_rsync "$1" "$2"
	! row edited || rsync_update edited "$1" 'rsync -z' "$work/edited" "$2"
	! row empty || empty "$1" "$2"
}

pair_facts() {
	changed >"$work/changed"
	record pair "$1" 'whole files' bytes \
		"$(find "$new" -type f -printf '%s\n' | awk '{ s += $1 }
			END { printf "%d", s }')"
	record facts "$1" new files "$(find "$new" -type f | wc -l)"
	record facts "$1" new changed "$(grep -c . "$work/changed")"
}

whole_pair() {
	pair_dirs "$1"
	put_away "$work/edited"
	! row edited || edited_copy "$old" "$work/edited"
	pair_facts "$1"
	for i in $(seq "$repeat"); do
		say "pair $1: run $i of $repeat"
		# Bytes hardly vary: they are counted once.
		meters='no yes'
		[ "$i" -eq 1 ] || meters=no
		for meter in $meters; do
			one_run "$1" "$meter"
		done
		# Its bytes do not vary and it is slow: not more than once.
		[ "$i" -gt 1 ] || ! row rsync || for meter in no yes; do
			rsync_update pair "$1" 'rsync -z --zl=19' "$old" $meter
		done
	done
	! row empty || file_tool empty "$1" 'tar, zstd -19'
	! row files || {
		! wanted zsync || zsync_pair "$1"
		file_tools "$1"
	}
	all_over
}

# --- slow lines -------------------------------------------------------------

lines='2000000 100
256000 600
20000000 30'

# Do the lines do what they are asked to do? To be within 5 % is a condition
# for the rest; on a busy machine a round trip may be 10 ms late.
probe_lines() {
	"$tools/probe" serve >"$work/probe" &
	probe_pid=$!
	port=$(first_line "$work/probe")
	while read -r rate rtt; do
		link_begin "$port" "$rate" "$rtt"
		"$tools/probe" "$link_port" $((rate / 4)) >"$work/probed"
		link_end
		read -r is_rtt is_down is_up <"$work/probed"
		record line "$rate $rtt" probe rtt "$is_rtt"
		record line "$rate $rtt" probe down "$is_down"
		record line "$rate $rtt" probe up "$is_up"
		awk -v r="$rate" -v t="$rtt" -v a="$is_rtt" -v d="$is_down" \
			-v u="$is_up" 'function off(x, y) {
				return x / y > 1.05 || x / y < 0.95
			} BEGIN { exit a < t || a > t * 1.05 + 10 ||
			    off(d, r) || off(u, r) }' ||
			die "line $rate bit/s, $rtt ms is really: $is_rtt ms," \
				"$is_down down, $is_up up"
	done <<-END
		$lines
	END
	kill "$probe_pid"
	wait "$probe_pid" || :
	probe_pid=
}

# median SUBJECT TOOL METRIC: of a pair, as recorded so far; 0 if never.
median() {
	awk -F '\t' -v s="$1" -v t="$2" -v m="$3" '$1 == "pair" && $2 == s &&
	    $3 == t && $4 == m { print $5 }' "$raw" | sort -n |
		awk '{ v[NR] = $1 } END { print NR ? v[int((NR + 1) / 2)] : 0 }'
}

# over_line NAME TOOL RATE RTT PORT: as often as its time allows.  Known
# stations are used up from number $next_known on.
over_line() {
	what="$3 bit/s, $4 ms"
	expect=$(awk -v b="$(median "$1" "$2" bytes)" -v r="$3" \
		-v w="$(median "$1" "$2" wall)" \
		'BEGIN { printf "%d", b * 8 / r + w }')
	if [ "$expect" -gt "$bound" ]; then
		record "lines" "$1" "$2" "computed $3 $4" "$expect"
		return 0
	fi
	runs=$line_repeat
	[ "$expect" -lt 60 ] || runs=1
	say "pair $1: $2 over $what, about $expect s, $runs times"
	for _ in $(seq "$runs"); do
		from=$old
		[ "$2" != 'erpsync, ready' ] || {
			from=$work/known/$next_known
			next_known=$((next_known + 1))
		}
		station "$from"
		link_begin "$5" "$3" "$4"
		fetch "$2" "$link_port" "$st"
		link_end
		same "$new" "$2"
		record "lines" "$1" "$2" "wall $3 $4" "$wall"
	done
}

# over_lines NAME TOOL PORT
over_lines() {
	while read -r rate rtt <&4; do
		over_line "$1" "$2" "$rate" "$rtt" "$3"
	done 4<<-END
		$lines
	END
}

slow_lines() {
	pair_dirs "$1"
	rsync_begin "$new"
	over_lines "$1" 'rsync -z' "$other_port"
	other_end
	erp_begin "$new"
	over_lines "$1" 'erpsync, unknown' "$erp_port"
	erp_end
	erp_begin "$old"
	next_known=1
	erp_known $((line_repeat * $(echo "$lines" | wc -l)))
	erp_next "$new"
	erp_idle
	over_lines "$1" 'erpsync, ready' "$erp_port"
	erp_end
	all_over
}

# --- many stations at once --------------------------------------------------

now() {
	date +%s.%N
}

# crowd TOOL COUNT PORT PID: all at once; sets wall and server_rss, the highest
# sum of the server's processes.
crowd() {
	sync -f "$work/station"
	"$tools/measure" -w "$4" >"$work/watched" &
	watch_pid=$!
	start=$(now)
	pids=
	for i in $(seq "$2"); do
		(
			work=$work/station/$i.work
			mkdir -p "$work"
			fetch "$1" "$3" "${work%.work}"
		) &
		pids="$pids $!"
	done
	for pid in $pids; do
		wait "$pid" || die "a station of $2 failed"
	done
	wall=$(minus "$(now)" "$start")
	kill "$watch_pid"
	wait "$watch_pid" || :
	watch_pid=
	server_rss=$(cat "$work/watched")
}

# prepared COUNT: as many stations that have $old.
prepared() {
	put_away "$work/station"
	apart "$work/station"
	for i in $(seq "$1"); do
		cp -a "$old" "$work/station/$i"
	done
}

record_crowd() {
	record fleet "$1" "$2" wall "$wall"
	record fleet "$1" "$2" server_cpu "$server_cpu"
	record fleet "$1" "$2" server_rss "$server_rss"
}

# kernel_kib: what TCP sockets hold in the kernel.
kernel_kib() {
	awk -v page="$(getconf PAGESIZE)" \
		'/^TCP:/ { print $NF * page / 1024 }' /proc/net/sockstat
}

# watched COMMAND...: the highest memory of the server while it runs; sets
# server_rss.
watched() {
	"$tools/measure" -w "$erp_pid" >"$work/watched" &
	watch_pid=$!
	"$@"
	kill "$watch_pid"
	wait "$watch_pid" || :
	watch_pid=
	server_rss=$(cat "$work/watched")
}

# For a blob: the peak, with the compiling, which costs the same for all.
waits_blob() {
	erp_begin "$new"
	watched "$tools/waiting" "$erp_port" "$1" blob >"$work/waits"
	erp_end
}

# For a slow line: stations that take nothing, until all is where it stays.
waits_line() {
	erp_begin "$new"
	"$tools/waiting" "$erp_port" 1 blob >"$work/waits"
	erp_idle
	before=$(kernel_kib)
	mkfifo "$work/hold"
	rm "$work/waits"
	"$tools/waiting" "$erp_port" "$1" line <"$work/hold" >"$work/waits" &
	waits_pid=$!
	exec 3>"$work/hold"
	first_line "$work/waits" >"$work/said"
	watched sleep 0.2
	kernel=$(minus "$(kernel_kib)" "$before")
	exec 3>&-
	wait "$waits_pid" || die "stations that wait have failed"
	rm "$work/hold"
	erp_end
}

# waiting NAME: what one more waiting station takes, of 1000 and 10.
waiting() {
	for what in blob line; do
		say "fleet: stations with $1 that wait for their $what"
		"waits_$what" 10
		few=$server_rss few_kernel=${kernel-}
		"waits_$what" 1000
		record fleet "waiting for $what" erpsync each_rss \
			"$(awk -v a="$server_rss" -v b="$few" \
				'BEGIN { printf "%.2f", (a - b) / 990 }')"
		[ "$what" = blob ] ||
			record fleet "waiting for $what" erpsync each_kernel \
				"$(awk -v a="$kernel" -v b="$few_kernel" \
				'BEGIN { printf "%.2f", (a - b) / 990 }')"
	done
}

fleet() {
	case " $ready " in
	*' esbuild '*) name=esbuild ;;
	*) name=$(echo "$ready" | awk '{ print $1 }') ;;
	esac
	pair_dirs "$name"
	waiting "$name"
	for count in $stations; do
		say "fleet: $count stations with $name"
		erp_begin "$old"
		erp_known "$count"
		erp_next "$new"
		erp_idle
		put_away "$work/station"
		mv "$work/known" "$work/station"
		erp_meter_begin
		crowd erpsync "$count" "$erp_port" "$erp_pid"
		crowd_rss=$server_rss
		erp_meter_end
		server_rss=$crowd_rss
		erp_end
		record_crowd "$count $name" 'erpsync, ready'
		prepared "$count"
		rsync_begin "$new"
		daemon=$(pgrep -P "$other_pid" | head -n 1)
		crowd 'rsync -z' "$count" "$other_port" "$daemon"
		crowd_rss=$server_rss
		other_end
		server_rss=$crowd_rss
		record_crowd "$count $name" 'rsync -z'
		put_away "$work/station"
		all_over
	done
}

# --- nothing to do ----------------------------------------------------------

noop() {
	for count in $trees; do
		say "no-op: $count files"
		put_away "$work/flat"
		flat_tree "$work/flat" "$count"
		new=$work/flat
		erp_begin "$new"
		station "$new"
		# The first visit finds out that all is equal.
		fetch erpsync "$erp_port" "$st"
		for _ in $(seq "$repeat"); do
			for meter in no yes; do
				noop_erpsync "$count" $meter
			done
		done
		erp_end
		for _ in $(seq "$repeat"); do
			for meter in no yes; do
				rsync_update noop "$count files" rsync \
					"$new" $meter
			done
		done
		[ "$count" -ne 20000 ] || "$tools/scan" "$new" $((repeat + 1)) |
			sed 1d | while read -r wall; do
			record part '20,000 files' 'scan' wall "$wall"
		done
	done
	put_away "$work/flat"
	all_over
}

noop_erpsync() {
	[ "$2" = no ] || link_begin "$erp_port"
	port=$erp_port
	[ "$2" = no ] || port=$link_port
	erp_meter_begin
	fetch erpsync "$port" "$st"
	erp_meter_end
	[ "$2" = no ] || link_end
	record_run noop "$1 files" erpsync "$2"
}

# --- the engine's parts -----------------------------------------------------

part() {
	must "$@"
	record part "$data" "$step $what" wall "$wall"
	record part "$data" "$step $what" mb_s \
		"$(awk -v n="$bytes" -v w="$wall" \
			'BEGIN { printf "%.1f", n / 1e6 / (w ? w : 1e-4) }')"
	record part "$data" "$step $what" rss "$rss"
}

parts() {
	say "parts: signature, delta, patch"
	bytes=64000000
	a=$work/part
	"$tools/synth" $bytes 1 >"$a.old"
	"$tools/synth" $bytes 2 >"$a.new"
	for _ in $(seq "$repeat"); do
		for what in erpsync rdiff; do
			tool=$erpsync
			[ $what = erpsync ] || tool=rdiff
			rm -f "$a".*-*
			step=signature data='64 MB'
			part "$tool" signature "$a.old" "$a.sig-1"
			step=delta data='64 MB, recompiled'
			part "$tool" delta "$a.sig-1" "$a.new" "$a.delta-1"
			step=patch
			part "$tool" patch "$a.old" "$a.delta-1" "$a.out-1"
			cmp -s "$a.new" "$a.out-1" || die "patch of $what"
			step=delta data='64 MB, identical'
			part "$tool" delta "$a.sig-1" "$a.old" "$a.delta-2"
			step=patch
			part "$tool" patch "$a.old" "$a.delta-2" "$a.out-2"
			cmp -s "$a.old" "$a.out-2" || die "patch of $what"
		done
	done
	rm -f "$a".*
}
