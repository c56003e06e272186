/*
 * What is said of backups, and of going back to one; rows as in
 * details_table.c.
 */
#include "cli/messages/details_internal.h"

const struct detail details_of_backups[] = {
    {"%s: %s needed, most of it to back up %s, and %s free; make space, or "
     "leave "
     "that file out (--backup-exclude), and try again",
	"%s: são necessários %s, a maior parte para copiar %s, e há %s livres; "
	"libere espaço, ou deixe esse arquivo de fora (--backup-exclude), e "
	"tente de novo",
	"%s: se necesitan %s, la mayor parte para copiar %s, y hay %s libres; "
	"libere espacio, o deje ese archivo fuera (--backup-exclude), e "
	"intente de nuevo"},
    {"a backup of an unknown thing", "cópia de segurança de algo desconhecido",
	"copia de seguridad de algo desconocido"},
    {"a thing that has no backup", "algo que não tem cópia de segurança",
	"algo que no tiene copia de seguridad"},
    {"belongs to another user, and the next backup needs its place; move it "
     "away as its owner",
	"é de outro usuário, e o próximo backup precisa do lugar dela; mova-a "
	"dali como o dono",
	"es de otro usuario, y la próxima copia necesita su lugar; muévala de "
	"ahí como su dueño"},
    {"is erpsync's own or a backup; name the client folder itself",
	"é do próprio erpsync ou uma cópia de segurança; indique a pasta do "
	"cliente",
	"es del propio erpsync o una copia de seguridad; indique la carpeta "
	"del cliente"},
    {"is the root of the whole system; name the client folder, or make a "
     "folder "
     ".erpsync there if it is one",
	"é a raiz do sistema inteiro; indique a pasta do cliente, ou crie nela "
	"uma pasta .erpsync se for uma",
	"es la raíz de todo el sistema; indique la carpeta del cliente, o cree "
	"en ella una carpeta .erpsync si lo es"},
    {"is in the way of the backup's file of this name; move it away",
	"está no lugar do arquivo da cópia de segurança com este nome; tire-o "
	"daí",
	"ocupa el lugar del archivo de la copia de seguridad con este nombre; "
	"sáquelo de ahí"},
    {"is missing or damaged; the backup's files come back, and the next "
     "update finds out of which release they are",
	"falta ou está danificado; os arquivos da cópia de segurança voltam, e "
	"a próxima atualização descobre de que versão são",
	"falta o está dañado; los archivos de la copia de seguridad vuelven, y "
	"la próxima actualización averigua de qué versión son"},
    {"is not a folder, but the name of a backup; move it away",
	"não é uma pasta, mas tem nome de cópia de segurança; tire-o daí",
	"no es una carpeta, pero tiene nombre de copia de seguridad; sáquelo "
	"de ahí"},
    {"is the name of two files of the backup, and on this disk case does not "
     "count; nothing was changed",
	"é o nome de dois arquivos da cópia de segurança, e neste disco "
	"maiúsculas "
	"e minúsculas não contam; nada foi alterado",
	"es el nombre de dos archivos de la copia de seguridad, y en este "
	"disco "
	"mayúsculas y minúsculas no cuentan; no se cambió nada"},
    {"the backup before this one never got its number and is given up",
	"a cópia de segurança anterior a esta nunca recebeu o seu número e é "
	"abandonada",
	"la copia de seguridad anterior a esta nunca recibió su número y se "
	"abandona"},
    {"the backup is damaged; nothing was changed",
	"a cópia de segurança está danificada; nada foi alterado",
	"la copia de seguridad está dañada; no se cambió nada"},
    {"the backup of the update is gone",
	"a cópia de segurança da atualização sumiu",
	"la copia de seguridad de la actualización desapareció"},
    {"the backup's record %s", "o registro %s da cópia de segurança",
	"el registro %s de la copia de seguridad"},
    {"the disk is full; the oldest backup was given up so that the version "
     "before can come back",
	"o disco está cheio; a cópia de segurança mais antiga foi abandonada "
	"para que a versão anterior possa voltar",
	"el disco está lleno; la copia de seguridad más antigua se abandonó "
	"para que la versión anterior pueda volver"},
    {"the newest backup still waits for its number",
	"a cópia de segurança mais nova ainda espera o seu número",
	"la copia de seguridad más nueva aún espera su número"},
    {"%s: lacks most files of the client (has %s of %s), so it comes back only "
     "where it is named (--to); nothing was changed",
	"%s: não tem a maior parte dos arquivos do cliente (tem %s de %s), "
	"então só volta quando é indicada (--to); nada foi alterado",
	"%s: no tiene la mayoría de los archivos del cliente (tiene %s de %s), "
	"así que solo vuelve cuando se indica (--to); no se cambió nada"},
    {"lacks most files of the client (has %s of %s); so many go, and are in "
     "the newest backup: %s",
	"não tem a maior parte dos arquivos do cliente (tem %s de %s); saem, e "
	"ficam na cópia de segurança mais nova, tantos: %s",
	"no tiene la mayoría de los archivos del cliente (tiene %s de %s); "
	"salen, y quedan en la copia de seguridad más nueva, tantos: %s"},
    {"nothing can be gone back to until the newest backup has its number; put "
     "that right, then try again",
	"não se pode voltar a nada até que a cópia de segurança mais nova "
	"tenha o seu número; corrija isso e tente de novo",
	"no se puede volver a nada hasta que la copia de seguridad más nueva "
	"tenga su número; corrija eso e inténtelo de nuevo"},
    {"the newest backup waits for its number and cannot be gone back to; put "
     "this right, then try again",
	"a cópia de segurança mais nova espera o seu número e não se pode "
	"voltar a ela; corrija isto e tente de novo",
	"la copia de seguridad más nueva espera su número y no se puede volver "
	"a ella; corrija esto e inténtelo de nuevo"},
    {"the backup of the last update has got its number just now, and those of "
     "others may have moved; look at erpsync history, then say which one",
	"a cópia de segurança da última atualização recebeu o seu número só "
	"agora, e os das outras podem ter mudado; veja erpsync history e diga "
	"qual é",
	"la copia de seguridad de la última actualización recibió su número "
	"recién ahora, y los de las otras pueden haber cambiado; mire erpsync "
	"history y diga cuál es"},
    {"the update is complete; the backup gets its number at the next start",
	"a atualização está completa; a cópia de segurança recebe o seu número "
	"na próxima vez",
	"la actualización está completa; la copia de seguridad recibe su "
	"número la próxima vez"},
    {"there is no backup in this folder",
	"não há cópia de segurança nesta pasta",
	"no hay copia de seguridad en esta carpeta"},
    {"there is no backup number %s; give 1, 2 or 3",
	"não há cópia de segurança número %s; use 1, 2 ou 3",
	"no hay copia de seguridad número %s; use 1, 2 o 3"},
    {"there is no such backup", "não existe essa cópia de segurança",
	"no existe esa copia de seguridad"},
    {"was written to by the check; as it was before the update it is in the "
     "newest backup, which stays",
	"foi gravado pelo teste; como era antes da atualização está na cópia "
	"de segurança mais nova, que fica",
	"fue escrito por la prueba; como era antes de la actualización está en "
	"la copia de seguridad más nueva, que queda"},
    {"was written to in place and is damaged, in the backups too; it stays "
     "until an update repairs it",
	"foi gravado no próprio lugar e está danificado, também nas cópias de "
	"segurança; fica assim até que uma atualização o repare",
	"fue escrito en su lugar y está dañado, también en las copias de "
	"seguridad; queda así hasta que una actualización lo repare"},
    {"is a symbolic link, and this disk makes none, so it could not be brought "
     "back; remove it, or leave it out (--exclude)",
	"é um link simbólico, e este disco não cria nenhum, então não haveria "
	"como trazê-lo de volta; remova-o ou deixe-o de fora (--exclude)",
	"es un enlace simbólico, y este disco no crea ninguno, así que no se "
	"podría recuperar; elimínelo o déjelo fuera (--exclude)"},
    {"this disk makes no symbolic links; it is not backed up",
	"este disco não cria links simbólicos; não é copiado",
	"este disco no crea enlaces simbólicos; no se copia"},
    {"is too deep or too long to back up; move it out of the folder, or leave "
     "it out (--backup-exclude)",
	"é fundo ou longo demais para copiar; tire-o da pasta ou deixe-o de "
	"fora (--backup-exclude)",
	"es demasiado profundo o largo para copiarlo; sáquelo de la carpeta o "
	"déjelo fuera (--backup-exclude)"},
    {"this user may not open this folder; give him the right, or leave it out "
     "(--backup-exclude, for updates --exclude too)",
	"este usuário não pode abrir esta pasta; dê-lhe esse direito ou "
	"deixe-a de fora (--backup-exclude, para atualizações também "
	"--exclude)",
	"este usuario no puede abrir esta carpeta; dele ese derecho o déjela "
	"fuera (--backup-exclude, para actualizaciones también --exclude)"},
    {NULL, NULL, NULL},
};
