/*
 * What is said of a line of an INI file (engine/base/ini.c, cli/config); rows
 * as in details_table.c.
 */
#include "cli/messages/details_internal.h"

const struct detail details_of_ini[] = {
    {"%s in [%s] is also at line %s; line %s counts",
	"%s em [%s] também está na linha %s; vale a linha %s",
	"%s en [%s] también está en la línea %s; vale la línea %s"},
    {"%s is no key of [%s]; it is ignored, check its spelling",
	"%s não é uma chave de [%s]; foi ignorada, verifique a escrita",
	"%s no es una clave de [%s]; se ignora, verifique la escritura"},
    {"%s may only have ASCII characters without blanks, up to %s",
	"%s só pode ter caracteres ASCII sem espaços, até %s",
	"%s solo puede tener caracteres ASCII sin espacios, hasta %s"},
    {"%s stands before the first [section]; ignored",
	"%s está antes da primeira [seção]; ignorado",
	"%s está antes de la primera [sección]; se ignora"},
    {"%s=%s is no name or address of a host; write that alone, without http:// "
     "or a comment behind it, and the port into %s=",
	"%s=%s não é nome nem endereço de uma máquina; escreva só isso, sem "
	"http:// nem comentário depois, e a porta em %s=",
	"%s=%s no es nombre ni dirección de una máquina; escriba solo eso, sin "
	"http:// ni comentario detrás, y el puerto en %s="},
    {"%s=%s has a port; the port goes into %s=",
	"%s=%s tem uma porta; a porta vai em %s=",
	"%s=%s tiene un puerto; el puerto va en %s="},
    {"%s=%s: use 1 to 64 of A-Z a-z 0-9 . _ -",
	"%s=%s: use de 1 a 64 de A-Z a-z 0-9 . _ -",
	"%s=%s: use de 1 a 64 de A-Z a-z 0-9 . _ -"},
    {"no INI file names a server, so it is %s, port %s, which served this "
     "folder last (.erpsync/last-server.ini); write Server= and Port= into "
     "[ErpSync] of smartclient.ini, or give --server",
	"nenhum arquivo INI diz qual é o servidor; vale %s, porta %s, o último "
	"que serviu esta pasta (.erpsync/last-server.ini); escreva Server= e "
	"Port= em [ErpSync] do smartclient.ini, ou use --server",
	"ningún archivo INI dice cuál es el servidor; vale %s, puerto %s, el "
	"último que sirvió esta carpeta (.erpsync/last-server.ini); escriba "
	"Server= y Port= en [ErpSync] de smartclient.ini, o use --server"},
    {"was changed here, and smartclient.ini, which may say to leave it alone, "
     "cannot be read; correct smartclient.ini on this station",
	"foi alterado aqui, e o smartclient.ini, que pode dizer que fique como "
	"está, não pode ser lido; corrija o smartclient.ini desta estação",
	"se cambió aquí, y el smartclient.ini, que puede decir que quede como "
	"está, no se puede leer; corrija el smartclient.ini de esta estación"},
    {"%m; no key of the server is remembered: give it with --pin, and publish "
     "a smartclient.ini that is right",
	"%m; nenhuma chave do servidor é lembrada: informe-a com --pin e "
	"publique um smartclient.ini correto",
	"%m; no se recuerda ninguna clave del servidor: indíquela con --pin y "
	"publique un smartclient.ini correcto"},
    {"%m; no server is remembered: give it with --server, and publish a "
     "smartclient.ini that is right",
	"%m; nenhum servidor é lembrado: informe-o com --server e publique um "
	"smartclient.ini correto",
	"%m; no se recuerda ningún servidor: indíquelo con --server y publique "
	"un smartclient.ini correcto"},
    {"the installed release brought smartclient.ini like that, so the server "
     "is %s, port %s, which served this folder last "
     "(.erpsync/last-server.ini); publish a release that has it right, or "
     "give --server",
	"a versão instalada trouxe o smartclient.ini assim; o servidor é %s, "
	"porta %s, o último que serviu esta pasta (.erpsync/last-server.ini); "
	"publique uma versão que o traga certo, ou use --server",
	"la versión instalada trajo así el smartclient.ini; el servidor es %s, "
	"puerto %s, el último que sirvió esta carpeta "
	"(.erpsync/last-server.ini); publique una versión que lo traiga bien, "
	"o use --server"},
    {"a release brought smartclient.ini with Os= of another system than this "
     "folder's; it is ignored",
	"uma versão trouxe o smartclient.ini com Os= de outro sistema que não "
	"o desta pasta; foi ignorado",
	"una versión trajo el smartclient.ini con Os= de otro sistema que no "
	"el de esta carpeta; se ignora"},
    {"a release brought smartclient.ini with Insecure=1, but this server has "
     "been asked by TLS; it is ignored",
	"uma versão trouxe o smartclient.ini com Insecure=1, mas este servidor "
	"já foi consultado por TLS; foi ignorado",
	"una versión trajo el smartclient.ini con Insecure=1, pero este "
	"servidor ya fue consultado por TLS; se ignora"},
    {"a release brought smartclient.ini with an Exclude= that leaves out every "
     "file; it is ignored",
	"uma versão trouxe o smartclient.ini com um Exclude= que exclui todos "
	"os arquivos; foi ignorado",
	"una versión trajo el smartclient.ini con un Exclude= que excluye "
	"todos los archivos; se ignora"},
    {"a release brought smartclient.ini with an Exclude= that leaves out this "
     "file itself; it comes all the same",
	"uma versão trouxe o smartclient.ini com um Exclude= que exclui o "
	"próprio arquivo; ele vem mesmo assim",
	"una versión trajo el smartclient.ini con un Exclude= que excluye el "
	"propio archivo; este llega de todos modos"},
    {"a release brought smartclient.ini with the Pin of another server than "
     "%s, which has the key that it had before; it is ignored: publish a "
     "smartclient.ini with Pin=%s, or without Pin",
	"uma versão trouxe o smartclient.ini com o Pin de outro servidor que "
	"não %s, que tem a chave que já tinha; foi ignorado: publique um "
	"smartclient.ini com Pin=%s, ou sem Pin",
	"una versión trajo el smartclient.ini con el Pin de otro servidor que "
	"no es %s, que tiene la clave que ya tenía; se ignora: publique un "
	"smartclient.ini con Pin=%s, o sin Pin"},
    {"a release brought smartclient.ini with an IniPolicy= that keeps this "
     "file itself; it is merged instead",
	"uma versão trouxe o smartclient.ini com uma IniPolicy= que mantém o "
	"próprio arquivo; ele é mesclado em vez disso",
	"una versión trajo el smartclient.ini con una IniPolicy= que conserva "
	"el propio archivo; en su lugar se combina"},
    {"has an Exclude= that leaves every file alone, so no update changes "
     "anything here; remove it",
	"tem um Exclude= que deixa todos os arquivos como estão, então nenhuma "
	"atualização muda nada aqui; remova-o",
	"tiene un Exclude= que deja todos los archivos como están, así que "
	"ninguna actualización cambia nada aquí; quítelo"},
    {"no server of updates answers, so it is %s, port %s, which served "
     "this folder last (.erpsync/last-server.ini); publish a smartclient.ini "
     "with Server= and Port= of it in [ErpSync], or give --server",
	"nenhum servidor de atualizações responde; vale %s, porta %s, o "
	"último que serviu esta pasta (.erpsync/last-server.ini); publique um "
	"smartclient.ini com Server= e Port= dele em [ErpSync], ou use "
	"--server",
	"ningún servidor de actualizaciones responde; vale %s, puerto %s, "
	"el último que sirvió esta carpeta (.erpsync/last-server.ini); "
	"publique un smartclient.ini con Server= y Port= de él en [ErpSync], o "
	"use --server"},
    {"Server=%s is an IPv6 address without a port; write it in brackets, as "
     "[::1], and add Port= to [ErpSync]",
	"Server=%s é um endereço IPv6 sem porta; escreva-o entre colchetes, "
	"como [::1], e acrescente Port= a [ErpSync]",
	"Server=%s es una dirección IPv6 sin puerto; escríbala entre "
	"corchetes, como [::1], y agregue Port= a [ErpSync]"},
    {"Server=%s has no port; add Port= to [ErpSync]",
	"Server=%s não tem porta; acrescente Port= a [ErpSync]",
	"Server=%s no tiene puerto; agregue Port= a [ErpSync]"},
    {"%s=%s is a path of Windows; write the folder's path on this server, as "
     "in /erp/bin/remote_upd",
	"%s=%s é um caminho do Windows; escreva o caminho da pasta neste "
	"servidor, como /erp/bin/remote_upd",
	"%s=%s es una ruta de Windows; escriba la ruta de la carpeta en este "
	"servidor, como /erp/bin/remote_upd"},
    {"%s=%s is neither yes nor no; write %s=1 or %s=0",
	"%s=%s não é sim nem não; escreva %s=1 ou %s=0",
	"%s=%s no es sí ni no; escriba %s=1 o %s=0"},
    {"%s=%s is none of auto, always and never",
	"%s=%s não é auto, always nem never",
	"%s=%s no es auto, always ni never"},
    {"%s=%s is none of windows, linux and macosx",
	"%s=%s não é nenhum de windows, linux e macosx",
	"%s=%s no es ninguno de windows, linux y macosx"},
    {"%s=%s is not a rate like 512 or 2M",
	"%s=%s não é uma taxa como 512 ou 2M",
	"%s=%s no es una tasa como 512 o 2M"},
    {"%s=%s is not a whole number from %s to %s",
	"%s=%s não é um número inteiro de %s a %s",
	"%s=%s no es un número entero de %s a %s"},
    {"%s=%s, but there is no section [%s]; add it or name one that is there",
	"%s=%s, mas não há seção [%s]; crie-a ou indique uma que exista",
	"%s=%s, pero no hay sección [%s]; créela o indique una que exista"},
    {"a section begins with '[' but has no ']'",
	"uma seção começa com '[' mas não tem ']'",
	"una sección comienza con '[' pero no tiene ']'"},
    {"language=%s is not 1 (pt), 2 (es) or 3 (en); ignored",
	"language=%s não é 1 (pt), 2 (es) nem 3 (en); ignorado",
	"language=%s no es 1 (pt), 2 (es) ni 3 (en); se ignora"},
    {"more than %s keys", "mais de %s chaves", "más de %s claves"},
    {"'%s' has no policy behind its colon; write PATTERN:POLICY, the policy "
     "overwrite, keep or merge",
	"'%s' não tem política depois dos dois-pontos; escreva "
	"PADRÃO:POLÍTICA, a política overwrite, keep ou merge",
	"'%s' no tiene política tras los dos puntos; escriba "
	"PATRÓN:POLÍTICA, la política overwrite, keep o merge"},
    {"%s is none of overwrite, keep and merge; write PATTERN:POLICY",
	"%s não é overwrite, keep nem merge; escreva PADRÃO:POLÍTICA",
	"%s no es overwrite, keep ni merge; escriba PATRÓN:POLÍTICA"},
    {"the policies for INI files are no text of at most %s bytes",
	"as políticas para arquivos INI não são um texto de até %s bytes",
	"las políticas para archivos INI no son un texto de hasta %s bytes"},
    {"%s=%s is none of station and release", "%s=%s não é station nem release",
	"%s=%s no es station ni release"},
    {"%s in [%s] was changed here and in the release; the release's value "
     "counts",
	"%s em [%s] foi alterado aqui e na versão; vale o valor da versão",
	"%s en [%s] cambió aquí y en la versión; vale el valor de la versión"},
    {"%s in [%s] was changed here and in the release; this station's value "
     "stays",
	"%s em [%s] foi alterado aqui e na versão; fica o valor desta estação",
	"%s en [%s] cambió aquí y en la versión; queda el valor de esta "
	"estación"},
    {"%s in [%s] has a character in the release that this file's encoding "
     "lacks, so it is left out; publish it without, and write it here by hand "
     "where this file has the key",
	"%s em [%s] tem na versão um caractere que a codificação deste arquivo "
	"não tem, por isso fica de fora; publique sem ele e, onde este arquivo "
	"tem a chave, escreva-a aqui à mão",
	"%s en [%s] tiene en la versión un carácter que la codificación de "
	"este archivo no tiene, por eso se deja fuera; publíquelo sin él y, "
	"donde este archivo tiene la clave, escríbala aquí a mano"},
    {"more of its keys are not as in the release, or no longer as they were "
     "here: %s",
	"mais chaves dele não estão como na versão, ou não mais como estavam "
	"aqui: %s",
	"otras claves suyas no están como en la versión, o ya no como estaban "
	"aquí: %s"},
    {"cannot be merged key by key, so the release's file takes its place; the "
     "backup has this one",
	"não pode ser mesclado chave por chave, e o arquivo da versão toma o "
	"seu "
	"lugar; a cópia de segurança tem este",
	"no puede combinarse clave por clave, y el archivo de la versión toma "
	"su lugar; la copia de seguridad tiene este"},
    {"rules for INI files come that were not asked for",
	"chegam regras para arquivos INI que não foram pedidas",
	"llegan reglas para archivos INI que no se pidieron"},
    {"the server's rules for INI files",
	"as regras do servidor para arquivos INI",
	"las reglas del servidor para archivos INI"},
    {"more warnings are not shown", "mais avisos não são mostrados",
	"no se muestran más avisos"},
    {"neither [section] nor key=value nor comment; ignored",
	"não é [seção], chave=valor nem comentário; ignorado",
	"no es [sección], clave=valor ni comentario; se ignora"},
    {"no key before '='; ignored", "não há chave antes de '='; ignorado",
	"no hay clave antes de '='; se ignora"},
    {"not verified by its Exclude: %s",
	"não verificado por causa do seu Exclude: %s",
	"no se verifica por su Exclude: %s"},
    {"section [%s] has no port=; add it or use --server HOST:PORT",
	"a seção [%s] não tem port=; acrescente-o ou use --server HOST:PORTA",
	"la sección [%s] no tiene port=; agréguelo o use --server HOST:PUERTO"},
    {"section [%s] has no server=; add it or use --server HOST:PORT",
	"a seção [%s] não tem server=; acrescente-o ou use --server HOST:PORTA",
	"la sección [%s] no tiene server=; agréguelo o use --server "
	"HOST:PUERTO"},
    {"section [%s] is also at line %s; both are read as one",
	"a seção [%s] também está na linha %s; as duas são lidas como uma",
	"la sección [%s] también está en la línea %s; ambas se leen como una"},
    {"text behind ']' is ignored", "o texto depois de ']' é ignorado",
	"el texto después de ']' se ignora"},
    {"the file is UTF-16; save it as UTF-8 or ANSI",
	"o arquivo é UTF-16; salve-o como UTF-8 ou ANSI",
	"el archivo es UTF-16; guárdelo como UTF-8 o ANSI"},
    {"the value of %s goes to the end of the line, with what looks like a "
     "comment; put comments on lines of their own",
	"o valor de %s vai até o fim da linha, com o que parece um comentário; "
	"ponha comentários em linhas próprias",
	"el valor de %s llega hasta el fin de la línea, con lo que parece un "
	"comentario; ponga los comentarios en líneas propias"},
    {"there is a NUL byte; this is no text file",
	"há um byte NUL; isto não é um arquivo de texto",
	"hay un byte NUL; esto no es un archivo de texto"},
    {"with what is new in the release it would be read in another encoding, so "
     "it stays as it is; write here by hand what is needed of it",
	"com o que há de novo na versão ele seria lido em outra codificação, "
	"por isso fica como está; escreva aqui à mão o que for preciso dela",
	"con lo nuevo de la versión se leería en otra codificación, por eso "
	"queda como está; escriba aquí a mano lo que haga falta de ella"},
    {NULL, NULL, NULL},
};
