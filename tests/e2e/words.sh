#!/bin/sh
# What is said in each of the three languages where nothing is updated, and of
# failures of the server's commands: each has its code, what, where and what to
# do about it.
. "$(dirname "$0")/lib.sh"

# tells TEXT LINE...: these are the lines on standard error, in this order.
tells() {
	tells_what=$1
	shift
	printf '%s\n' "$@" >"$work/want"
	# The progress of an update says three dots.
	grep -v '[.][.][.]$' "$work/err" >"$work/told"
	check "$tells_what" diff "$work/want" "$work/told"
}

mkdir "$work/st" "$work/new"
echo 1 >"$update/a"
write_ini "Build=7.00.2" "MinClientBuild=7.00.2"
sed -i 's/Enable=1/Enable=0/' "$ini"
start_server
update() {
	update_code=$1
	update_what=$2
	shift 2
	run "$update_code" "$update_what" update --dir "$work/st" \
		--server "127.0.0.1:$PORT" "$@"
}

what_pt="O que fazer:" what_es="Qué hacer:" what_en="What to do:"
k2_pt=$k2
k2_es="No fue posible actualizar automáticamente el Remote"
k2_en="The Remote could not be updated automatically"

update 66 "disabled" --lang pt
tells "disabled, pt" "$k2_pt" \
	"UPD012: Atualização automática desabilitada no servidor. Contate o administrador." \
	"$what_pt Para ter atualizações, ponha Enable=1 no [Update] do servidor."
update 66 "disabled" --lang es
tells "disabled, es" "$k2_es" \
	"UPD012: La actualización automática está deshabilitada en el servidor. Contacte al administrador." \
	"$what_es Para tener actualizaciones, ponga Enable=1 en [Update] del servidor."
update 66 "disabled" --lang en
tells "disabled, en" "$k2_en" \
	"UPD012: Automatic update is disabled on the server. Contact the administrator." \
	"$what_en To have updates, set Enable=1 in the server's [Update]."

sed -i 's/Enable=0/Enable=1/' "$ini"
kill -HUP "$SERVER_PID"
tries=0
while "$erpsync" check --dir "$work/new" --server "127.0.0.1:$PORT" \
	--os linux --lang en 2>&1 | grep -q 'is disabled'; do
	tries=$((tries + 1))
	[ $tries -lt 100 ] || break
	sleep 0.1
done
update 66 "no package" --lang pt --os macosx
tells "no package, pt" "$k2_pt" \
	"UPD013: Não há pacote para este sistema operacional (macosx)." \
	"$what_pt Verifique --os, e se o INI do servidor indica uma pasta de atualização para ele."
update 66 "no package" --lang es --os macosx
tells "no package, es" "$k2_es" \
	"UPD013: No hay paquete para este sistema operativo (macosx)." \
	"$what_es Verifique --os, y que el INI del servidor indique una carpeta de actualización para él."
update 66 "no package" --lang en --os macosx
tells "no package, en" "$k2_en" \
	"UPD013: No package for this operating system (macosx)." \
	"$what_en Check --os, and that the server's INI names an update folder for it."

update 65 "declined" --lang pt --no --build 7.00.1
tells "declined, pt" "$k2_pt" \
	"UPD011: Atualização recusada. A sessão será encerrada; nada foi alterado." \
	"$what_pt Inicie de novo e concorde, ou use --yes."
update 65 "declined" --lang es --no --build 7.00.1
tells "declined, es" "$k2_es" \
	"UPD011: Actualización rechazada. La sesión terminará; no se cambió nada." \
	"$what_es Inicie de nuevo y acepte, o use --yes."
update 65 "declined" --lang en --no --build 7.00.1
tells "declined, en" "$k2_en" \
	"UPD011: Update declined. The session will end; nothing was changed." \
	"$what_en Start it again and agree, or use --yes."

# Of the server's own commands.
run 67 "a state folder in use" publish --config "$ini" \
	--state "$work/state" --lang pt
check "... says so" grep -q '^UPD023: A pasta está ocupada: a pasta de estado ' \
	"$work/err"
run 67 "a state folder in use" publish --config "$ini" \
	--state "$work/state" --lang es
check "... says so" grep -q \
	'^UPD023: La carpeta está ocupada: la carpeta de estado ' "$work/err"
run 67 "a state folder in use" publish --config "$ini" \
	--state "$work/state" --lang en
tells "... says so" \
	"UPD023: The folder is busy: state folder $work/state is in use by another erpsync server" \
	"$what_en A running server publishes by itself, also what erpsync seal sealed."
# Long ones are said to be.
sed 's/^Settle=.*/Settle=3600/' "$ini" >"$work/slow.ini"
"$erpsync" publish --config "$work/slow.ini" --state "$work/slow" --lang es \
	>"$work/out" 2>"$work/err" &
started="$started $!"
soon grep -q '(Settle)' "$work/out"
check "a publication that takes an hour says so" grep -qx \
	'linux: la carpeta se mira dos veces, .* y otra (Settle): 3600' "$work/out"
kill "$!"
run 5 "an address in use" serve --lang pt --config "$ini" \
	--state "$work/other" --listen "127.0.0.1:$PORT"
check "... says so" grep -q "^UPD048: O endereço não pode ser usado: escutar no endereço 127.0.0.1 porta $PORT: o endereço já está em uso; outro programa" \
	"$work/err"
run 11 "no INI to serve" serve --config "$work/none.ini" --lang es
tells "... says so" \
	"UPD035: No encontrado: abrir $work/none.ini: no existe el archivo o la carpeta" \
	"$what_es Verifique el nombre."
sed 's/Settle=0/Settle=never/' "$ini" >"$work/never.ini"
run 1 "a bad INI to serve" serve --lang pt --config "$work/never.ini"
tells "... says so" \
	"UPD038: O pedido não pode ser atendido: never.ini:6: Settle=never não é um número inteiro de 0 a 3600" \
	"$what_pt Corrija-o; 'erpsync help' mostra os comandos, 'erpsync help settings' as chaves dos INIs."
printf 'text\n[ErpSync]\nPort=x\n' >"$work/st/smartclient.ini"
run 1 "a station's bad INI" update --dir "$work/st" --lang es
tells "... says so" "$k2_es" \
	"UPD038: No se puede cumplir lo pedido: smartclient.ini:3: Port=x no es un número entero de 1 a 65535" \
	"$what_es Corrija lo pedido; 'erpsync --help' lo explica, 'erpsync help settings' las claves de los INI."
# More of it: a report of the update, with the files of which only the time
# differs, which a report else only counts.
rm "$work/st/smartclient.ini"
update 0 "an update" --yes -q
touch -d 2024-01-01 "$work/st/a"
update 0 "... said more of" --yes -v --lang en
check "... is reported" grep -q '^Update report: ' "$work/out"
check "... with all files" grep -q '^attributes  time .* a$' "$work/out"
touch -d 2024-01-01 "$work/st/a"
update 0 "... or less" --yes --format text --lang en
check "... they are counted" grep -q '^Only the time differs: 1 more' "$work/out"
finish
