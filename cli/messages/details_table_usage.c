/*
 * What is said of a command line that cannot be (opt.c and the tables of the
 * commands); rows as in details_table.c.
 */
#include "cli/messages/details_internal.h"

const struct detail details_of_usage[] = {
    {"'%s' is one word too many", "'%s' é uma palavra a mais",
	"'%s' es una palabra de más"},
    {"--%s: %m", "--%s: %m", "--%s: %m"},
    {"say --dir DIR for a station, or --config FILE for a server",
	"diga --dir PASTA para uma estação, ou --config ARQUIVO para um "
	"servidor",
	"diga --dir CARPETA para una estación, o --config ARCHIVO para un "
	"servidor"},
    {"no server is named: write [ErpSync] Server= and Port= into the folder's "
     "smartclient.ini, or give --server HOST:PORT",
	"nenhum servidor foi indicado: escreva [ErpSync] Server= e Port= no "
	"smartclient.ini da pasta, ou use --server HOST:PORTA",
	"no se indicó ningún servidor: escriba [ErpSync] Server= y Port= en el "
	"smartclient.ini de la carpeta, o use --server HOST:PUERTO"},
    {"--%s: '%s' is none of %s", "--%s: '%s' não é nenhum de %s",
	"--%s: '%s' no es ninguno de %s"},
    {"--%s: '%s' is not a size like 64k or 2m",
	"--%s: '%s' não é um tamanho como 64k ou 2m",
	"--%s: '%s' no es un tamaño como 64k o 2m"},
    {"--build: use up to 64 ASCII characters without blanks",
	"--build: use até 64 caracteres ASCII sem espaços",
	"--build: use hasta 64 caracteres ASCII sin espacios"},
    {"--dir is missing: which client folder?",
	"falta --dir: qual pasta do cliente?",
	"falta --dir: ¿qué carpeta del cliente?"},
    {"--health-check: the command is too long",
	"--health-check: o comando é longo demais",
	"--health-check: el comando es demasiado largo"},
    {"--lang: '%s' is none of pt, es, en",
	"--lang: '%s' não é nenhum de pt, es, en",
	"--lang: '%s' no es ninguno de pt, es, en"},
    {"--report is there twice, and one report is written; give it once",
	"--report aparece duas vezes, e só um relatório é gravado; use-a uma "
	"vez",
	"--report aparece dos veces, y se escribe un solo informe; úsela una "
	"vez"},
    {"--report takes the name of a file; on standard output --format shows "
     "the same",
	"--report leva o nome de um arquivo; na saída padrão --format mostra o "
	"mesmo",
	"--report lleva el nombre de un archivo; en la salida estándar "
	"--format muestra lo mismo"},
    {"lies in a client folder and could be one of its files: give another "
     "folder, or a name that no release has and that ends with .html, .json, "
     ".csv or .txt",
	"fica numa pasta do cliente e poderia ser um dos arquivos dela: dê "
	"outra pasta, ou um nome que nenhuma versão tem e que termina em "
	".html, .json, .csv ou .txt",
	"está en una carpeta del cliente y podría ser uno de sus archivos: dé "
	"otra carpeta, o un nombre que ninguna versión tiene y que termina en "
	".html, .json, .csv o .txt"},
    {"--progress=json and zenity have standard output for themselves: do "
     "without --format, -i and --stats",
	"--progress=json e zenity ocupam a saída padrão: não use com elas "
	"--format, -i e --stats",
	"--progress=json y zenity ocupan la salida estándar: no use con ellas "
	"--format, -i ni --stats"},
    {"--os is missing: AppServer.ini does not name exactly one update folder",
	"falta --os: AppServer.ini não indica exatamente uma pasta de "
	"atualização",
	"falta --os: AppServer.ini no indica exactamente una carpeta de "
	"actualización"},
    {"--os is for --from", "--os é para --from", "--os es para --from"},
    {"--os: AppServer.ini names no update folder for it",
	"--os: AppServer.ini não indica pasta de atualização para ele",
	"--os: AppServer.ini no indica carpeta de actualización para él"},
    {"--from and --compile exclude each other",
	"--from e --compile excluem um ao outro",
	"--from y --compile se excluyen"},
    {"--download-only, --apply or a dry run?",
	"--download-only, --apply ou uma simulação?",
	"¿--download-only, --apply o un simulacro?"},
    {"--at: '%s' is no time like 22:30", "--at: '%s' não é hora como 22:30",
	"--at: '%s' no es una hora como 22:30"},
    {"--server: %m", "--server: %m", "--server: %m"},
    {"--listen: %m", "--listen: %m", "--listen: %m"},
    {"give both host and port, as HOST:PORT",
	"indique host e porta, como HOST:PORTA",
	"indique host y puerto, como HOST:PUERTO"},
    {"%s is an IPv6 address without a port; with one it stands in brackets, as "
     "[::1]:1234",
	"%s é um endereço IPv6 sem porta; com porta ele fica entre colchetes, "
	"como [::1]:1234",
	"%s es una dirección IPv6 sin puerto; con puerto va entre corchetes, "
	"como [::1]:1234"},
    {"%s is no IPv6 address in brackets with a port from %s to 65535 behind "
     "them, as [::1]:1234",
	"%s não é um endereço IPv6 entre colchetes seguido de uma porta de %s "
	"a 65535, como [::1]:1234",
	"%s no es una dirección IPv6 entre corchetes seguida de un puerto de "
	"%s a 65535, como [::1]:1234"},
    {"--%s: '%s' is not a whole number from %s to %s",
	"--%s: '%s' não é um número inteiro de %s a %s",
	"--%s: '%s' no es un número entero de %s a %s"},
    {"--station-id: use 1 to 64 of A-Z a-z 0-9 . _ -",
	"--station-id: use de 1 a 64 de A-Z a-z 0-9 . _ -",
	"--station-id: use de 1 a 64 de A-Z a-z 0-9 . _ -"},
    {"two folders are compared without --dir and --server",
	"duas pastas são comparadas sem --dir e --server",
	"dos carpetas se comparan sin --dir ni --server"},
    {"--to: '%s' is no backup; there can be 001, 002 and 003, the newest",
	"--to: '%s' não é cópia de segurança; pode haver 001, 002 e 003, a "
	"mais nova",
	"--to: '%s' no es copia de seguridad; puede haber 001, 002 y 003, la "
	"más nueva"},
    {"--yes and --no contradict each other", "--yes e --no se contradizem",
	"--yes y --no se contradicen"},
    {"needs %s", "falta %s", "falta %s"},
    {"no server: give --server HOST:PORT, or a smartclient.ini with [ErpSync] "
     "Server= and Port=, or [drivers] active=X and [X] server= and port=, in "
     "the folder",
	"sem servidor: use --server HOST:PORTA, ou um smartclient.ini com "
	"[ErpSync] Server= e Port=, ou [drivers] active=X e [X] server= e "
	"port=, na pasta",
	"sin servidor: use --server HOST:PUERTO, o un smartclient.ini con "
	"[ErpSync] Server= y Port=, o [drivers] active=X y [X] server= y "
	"port=, en la carpeta"},
    {"option -%s needs an argument", "a opção -%s precisa de um argumento",
	"la opción -%s necesita un argumento"},
    {"option --%s needs an argument", "a opção --%s precisa de um argumento",
	"la opción --%s necesita un argumento"},
    {"option --%s takes no argument", "a opção --%s não tem argumento",
	"la opción --%s no lleva argumento"},
    {"the name of a file is empty", "o nome de um arquivo está vazio",
	"el nombre de un archivo está vacío"},
    {"there is no option %s, or it is ambiguous",
	"não há a opção %s, ou ela é ambígua",
	"no hay la opción %s, o es ambigua"},
    {"there is no option -%s", "não há a opção -%s", "no hay la opción -%s"},
    {"--to: '%s' is in what is sealed, which would then be another release; "
     "name a file elsewhere",
	"--to: '%s' está no que é selado, que seria então outra versão; dê um "
	"arquivo em outro lugar",
	"--to: '%s' está en lo que se sella, que sería entonces otra versión; "
	"dé un archivo en otro lugar"},
    {"--config is missing", "falta --config", "falta --config"},
    {"standard input is given twice", "a entrada padrão é usada duas vezes",
	"la entrada estándar se usa dos veces"},
    {"there is no command '%s'", "não há o comando '%s'",
	"no hay el comando '%s'"},
    {NULL, NULL, NULL},
};
