# Each key that `help settings` tells is in its section of the manual page of
# settings, in each language, with its bounds and with what it is when it is not
# given; and that page has no others.
$ERPSYNC help settings >help

# "file section key least most preset" of the help, "-" where there is none.
awk '
/^[A-Za-z.]+$/ { file = toupper($0); next }
/^\[/ { section = $0 == "[the section that is active]" ? "-" : $0; next }
/^  / {
	split($1, part, "=")
	least = most = preset = "-"
	if (split(part[2], bound, /\.\./) == 2) {
		least = bound[1]
		most = bound[2]
	}
	if (match($0, /\([^()]*\)$/))
		preset = substr($0, RSTART + 1, RLENGTH - 2)
	print file, section, part[1], least, most, preset
}' help >table

# "file section key text..." of each item of the page.
items() {
	awk '
	function flush(   i, n, name) {
		n = split(keys, name, /[ ,]+/)
		for (i = 1; i <= n; i++)
			print file, section, name[i], text
		keys = ""
	}
	/^\.Sh / { flush(); file = $2; section = "-" }
	/^\.Ss / {
		flush()
		sub(/\\&$/, "")
		section = $2 ~ /^\[/ ? $2 : "-"
	}
	/^\.It Cm/ {
		flush()
		text = ""
		keys = $0
		sub(/^\.It Cm (\\&)?/, "", keys)
		where = section
		if (match(keys, / No (of|de) Bq /)) {
			section = "[" substr(keys, RSTART + RLENGTH) "]"
			keys = substr(keys, 1, RSTART - 1)
		}
		next
	}
	/^\.El/ { flush() }
	keys != "" { text = text " " $0 }
	END { flush() }' "$SCENARIOS/../../docs/man/$1" |
		grep -E '^(APPSERVER|SMARTCLIENT)\.INI ' >page
}

# page FILE TO IF_NOT_GIVEN: with these words between bounds, and for what a key
# is then.
page() {
	items "$1"
	# Keys of a section that Active names stand in the text of its own item, or
	# in an item of the heading that speaks of both.
	while read -r file section key least most preset; do
		if [ "$section" = - ]; then
			item=$(grep -i "^$file [^ ]* $key \|^$file .*\.Cm $key\b" page)
		else
			item=$(grep -F "$file $section $key " page)
		fi
		[ -n "$item" ] || echo "$1: $file $section $key is missing"
		case $least in
		-) ;;
		*) case "$section $key $item" in
			*"$least $2 "*"$most"*) ;;
			*[Pp]ort*|*language*) ;; # 1 to 65535; each number has its line
			*) echo "$1: $file $key: not $least $2 $most" ;;
			esac ;;
		esac
		case $preset in
		-|0|1|erpsync-state) ;; # told in words
		*) case $item in
			*"$preset $3"*) ;;
			*) echo "$1: $file $key: not $preset $3" ;;
			esac ;;
		esac
	done <table
	while read -r file section key rest; do
		grep -qiE "^$file (\\$section|-) $key " table ||
			echo "$1: $file $section $key is no setting"
	done <page
	echo "$(wc -l <table) settings, $(wc -l <page) items"
}
page erpsync.conf.5 to 'if not given'
page pt_BR/erpsync.conf.5 a 'por padrão'
