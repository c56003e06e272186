# points.sh: one point of a class: stop the update, recover and look; sourced
# by run, which sets $work, $st, $erpsync, $seed, $class, $p and counts.
# shellcheck shell=sh disable=SC2034,SC2154

# bad TEXT: with what tells it, and how to see it again; of the first few.
bad() {
	is_bad=1
	[ "$n_bad" -lt 5 ] || return 0
	echo "BAD: $class point $p: $1 ($(cat "$work/result"))"
	tail -n 3 "$work/err" "$work/out.recover"
	echo "again: $0 $erpsync --each $each --seed $seed --point $class $p"
}

# stopped: at the point or, with fewer calls this time, at its good end?
stopped() {
	grep -qE '^(killed|ended 0)' "$work/result" || bad "the update failed"
}

# Recover, and look. The update ended, or not, as $work/result says.
judge() {
	cp "$work/err" "$work/told"
	code=0
	recover || code=$?
	"$work/facts" "$st" >"$work/seen" || bad "the folder cannot be read"
	state=mixed
	if cmp -s "$work/seen" "$work/old.facts"; then
		state=old
	elif comparable "$work/seen" | cmp -s - "$work/new.facts"; then
		state=new
		[ -z "$(ls -A "$st/.erpsync/recv")" ] ||
			grep -q '\.erpsync/recv' "$work/told" ||
			bad "recv is not empty"
	fi
	[ $code = 0 ] || bad "recover ended with $code"
	if [ $state = mixed ]; then
		bad "neither old nor new"
		[ "$n_bad" -ge 5 ] || for facts in old new; do
			echo "against $facts:"
			diff "$work/$facts.facts" "$work/seen" | head -n 10
		done
	elif [ $state = old ] && { grep -q '^ended 0' "$work/result" ||
		grep -q "$done_words" "$work/out"; }; then
		bad "it was reported as done, and the folder is old"
	fi
}

# at_point POINT: the options of killpoint.
at_point() {
	[ $(($1 % 2)) = 1 ] || printf -- '-a '
	printf -- '-k %s' $((($1 + 1) / 2))
}

# random LIMIT: 1..LIMIT, repeatable for class and point.
random() {
	random_n=$((random_n + 1))
	printf '%s %s %s %s' "$seed" "$class" "$p" $random_n | cksum |
		awk -v limit="$1" '{ print $1 % limit + 1 }'
}

# Was recover stopped? Some have fewer calls.
again() {
	! grep -q '^killed' "$work/result" || n_again=$((n_again + 1))
}

point_kill() {
	fresh_station
	# shellcheck disable=SC2046 # options
	update killpoint $(at_point "$1") "$st"
	stopped
	judge
}

# Kill recover at one of its first calls; two times.
point_kill_twice() {
	fresh_station
	# shellcheck disable=SC2046
	update killpoint $(at_point "$1") "$st"
	stopped
	cp "$work/result" "$work/first"
	for _ in 1 2; do
		# shellcheck disable=SC2046
		killpoint $(at_point "$(random 200)") "$st" "$erpsync" \
			recover --dir "$st" >"$work/out.recover" 2>"$work/err"
		again
	done
	cp "$work/first" "$work/result"
	judge
}

# The N-th line of the calls of an update: its name and its number.
call_of() {
	awk -v n="$1" 'NR == n { print $1, $2; exit }' "$work/calls"
}

injected() {
	echo "$1:$2" >"$work/result"
	fresh_station
	code=0
	update timeout 60 strace -f -qq -o "$work/trace" \
		-e "trace=$1" -e "inject=$1:$2" || code=$?
	echo "ended $code $1:$2" >"$work/result"
}

point_strace() {
	# shellcheck disable=SC2046 # name and number
	set -- $(call_of "$1")
	injected "$1" "signal=KILL:when=$2"
	[ "$code" = 137 ] || stopped
	judge
}

point_failing() {
	n=$1
	# shellcheck disable=SC2046
	set -- $(call_of $(((n + 3) / 4)))
	case $((n % 4)) in
	0) how=error=EIO:when=$2 ;;
	1) how=error=ENOSPC:when=$2 ;;
	2) how=error=EIO:when=$2+ ;;
	3) how=error=ENOSPC:when=$2+ ;;
	esac
	injected "$1" "$how"
	[ "$code" -lt 124 ] || bad "it crashed or hung: $code"
	judge
}
