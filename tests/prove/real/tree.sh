# tree.sh: the releases and the client folder of the proof; sourced by run.
# shellcheck shell=sh

# program PATH VERSION LINES, text PATH VERSION LINES: a file as only updates
# write it (with NUL bytes), and one that a person may edit. $tree is where.
program() {
	mkdir -p "$tree/${1%/*}"
	seq "$2" "$(($2 + $3))" | tr '\n' '\0' >"$tree/$1"
	touch -d "@$((1700000000 + $2 * 1000)).123456789" "$tree/$1"
}

text() {
	mkdir -p "$tree/${1%/*}"
	seq "$2" "$(($2 + $3))" >"$tree/$1"
	touch -d "@$((1700000000 + $2 * 1000)).000000001" "$tree/$1"
}

# make_release DIR VERSION: about 45 files, or 3 x $each and 15. Between two versions everything
# happens that an update can do: files are replaced, come and go, get another
# time or mode, a file becomes a folder and back, links move, folders come
# and become empty.
make_release() {
	tree=$1
	v=$2
	odd=$((v % 2))
	mkdir -p "$tree"
	program ./app.exe "$v" 20000
	chmod 755 "$tree/app.exe"
	i=0
	while [ $i -lt "${each:-10}" ]; do
		program lib/part_$i.so $((i % 2 == odd ? v : v - 1)) $((i * 150))
		text lang/text_$i.txt $((i % 3 == v % 3 ? v : i % 3 - 3)) $((i * 40))
		program res/fixed_$i.png 0 $((i * 30))
		i=$((i + 1))
	done
	text ./app.ini "$v" 20
	text ./second.ini 1 10
	program lib/touched.so 0 50
	touch -d "@$((1700000000 + v)).5" "$tree/lib/touched.so"
	text tools/script.sh 0 5
	[ $odd -eq 0 ] || chmod 755 "$tree/tools/script.sh"
	program added/with_"$v".so "$v" 200
	program added/again_"$v".so "$v" 200
	program new/only/"$v"/a.so "$v" 80
	program new/only/"$v"/deep/b.so $((v + 1)) 80
	if [ $odd -eq 0 ]; then
		program turns/in/inner.so "$v" 30
		program ./back "$v" 10
		ln -s app.exe "$tree/swaps"
	else
		program ./turns "$v" 30
		program back/in/other.so "$v" 10
		program ./swaps "$v" 10
	fi
	[ ! -L "$tree/swaps" ] || touch -h -d @1700000000 "$tree/swaps"
	ln -s part_"$v".so "$tree/lib/part.so"
	touch -h -d "@$((1700000000 + v))" "$tree/lib/part.so"
	: >"$tree/empty.dat"
	touch -d @1700000000 "$tree/empty.dat"
}

# make_user DIR: what only the user has, some of it among the client's files.
make_user() {
	tree=$1
	text ./notes.txt 7 30
	text lang/mine.txt 8 30
	program user/data/own.dat 9 300
	chmod 600 "$tree/user/data/own.dat"
	ln -s own.dat "$tree/user/data/latest"
	touch -h -d @1700000777 "$tree/user/data/latest"
	mkdir -p "$tree/user/empty"
	chmod 700 "$tree/user/empty"
}
