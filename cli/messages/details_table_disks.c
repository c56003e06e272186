/*
 * What a self-test tries of a disk, and what it says of it, and who its files
 * are of; rows as in details_table.c.
 */
#include "cli/messages/details_internal.h"

const struct detail details_of_disks[] = {
    {"%s: the disk gives what is made on it to another user (%s); mount it so "
     "that it is of who updates (uid=, umask=022)",
	"%s: o disco dá o que se cria nele a outro usuário (%s); monte-o de "
	"modo que seja de quem atualiza (uid=, umask=022)",
	"%s: el disco da lo que se crea en él a otro usuario (%s); móntelo de "
	"modo que sea de quien actualiza (uid=, umask=022)"},
    {"%s: is of one user (%s), and .erpsync in it of another (%s), so that "
     "neither can update it; give all of it to the one who is to (chown -R)",
	"%s: é de um usuário (%s), e .erpsync nela de outro (%s), e assim "
	"nenhum deles pode atualizá-la; dê tudo a quem deve (chown -R)",
	"%s: es de un usuario (%s), y .erpsync en ella de otro (%s), y así "
	"ninguno puede actualizarla; dele todo a quien debe (chown -R)"},
    {"%s: is of another user (%s); give all of the client folder to the one "
     "who is to update it (chown -R)",
	"%s: é de outro usuário (%s); dê toda a pasta do cliente a quem deve "
	"atualizá-la (chown -R)",
	"%s: es de otro usuario (%s); dele toda la carpeta del cliente a quien "
	"debe actualizarla (chown -R)"},
    {"is of this user, and its mode keeps him out; give him his rights in it "
     "(chmod u+rwX)",
	"é deste usuário, e o seu modo o deixa de fora; dê-lhe os seus "
	"direitos (chmod u+rwX)",
	"es de este usuario, y su modo lo deja fuera; dele sus derechos "
	"(chmod u+rwX)"},
    {"is of another user and its folder is sticky, so that this one cannot "
     "replace it; give it to this user (chown), or take the sticky bit from "
     "its folder (chmod -t)",
	"é de outro usuário e a sua pasta é sticky, e assim este não pode "
	"trocá-lo; dê-o a este usuário (chown), ou tire da pasta o sticky bit "
	"(chmod -t)",
	"es de otro usuario y su carpeta es sticky, y así este no puede "
	"cambiarlo; déselo a este usuario (chown), o quite de la carpeta el "
	"sticky bit (chmod -t)"},
    {"%s: an update was interrupted, and the disk cannot be written; mount it "
     "so that it can, and run erpsync recover",
	"%s: uma atualização foi interrompida, e não se pode gravar no disco; "
	"monte-o de modo que se possa, e execute erpsync recover",
	"%s: una actualización se interrumpió, y no se puede escribir en el "
	"disco; móntelo de modo que se pueda, y ejecute erpsync recover"},
    {"%s: an update is running or was interrupted; erpsync recover is for the "
     "user who updates it (%s)",
	"%s: uma atualização está em curso ou foi interrompida; erpsync "
	"recover cabe ao usuário que a atualiza (%s)",
	"%s: una actualización está en curso o se interrumpió; erpsync recover "
	"le toca al usuario que la actualiza (%s)"},
    {"make, write and read a file", "criar, gravar e ler um arquivo",
	"crear, escribir y leer un archivo"},
    {"get files and folders onto the disk", "gravar de fato arquivos e pastas",
	"grabar de verdad archivos y carpetas"},
    {"replace a file in one step", "substituir um arquivo de uma vez",
	"sustituir un archivo de una vez"},
    {"replace no file by mistake", "não substituir arquivo por engano",
	"no sustituir un archivo por error"},
    {"replace a file that is open", "substituir um arquivo aberto",
	"sustituir un archivo abierto"},
    {"remove a file that is open", "remover um arquivo aberto",
	"eliminar un archivo abierto"},
    {"replace and remove a read-only file",
	"trocar, remover arquivo só de leitura",
	"cambiar, quitar archivo solo de lectura"},
    {"move a folder", "mover uma pasta", "mover una carpeta"},
    {"hard links", "links físicos", "enlaces físicos"},
    {"times of files", "horários dos arquivos", "horas de los archivos"},
    {"attributes of files", "atributos dos arquivos",
	"atributos de los archivos"},
    {"upper and lower case", "maiúsculas e minúsculas",
	"mayúsculas y minúsculas"},
    {"names with accents and symbols", "nomes com acentos e símbolos",
	"nombres con acentos y símbolos"},
    {"long names", "nomes longos", "nombres largos"},
    {"deep folders", "pastas profundas", "carpetas profundas"},
    {"reserve space", "reservar espaço", "reservar espacio"},
    {"free space", "espaço livre", "espacio libre"},
    {"symbolic links", "links simbólicos", "enlaces simbólicos"},
    {"one update at a time", "uma atualização por vez",
	"una actualización a la vez"},
    {"replace a program that runs", "substituir um programa em execução",
	"sustituir un programa en ejecución"},
    {"a file that another program holds", "arquivo retido por outro programa",
	"archivo retenido por otro programa"},
    {"a file was replaced all the same",
	"um arquivo foi substituído assim mesmo",
	"se sustituyó un archivo de todos modos"},
    {"its name stays until it is closed", "o nome fica até que seja fechado",
	"el nombre queda hasta que se cierre"},
    {"not while a file in it is open", "não com um arquivo dela aberto",
	"no con un archivo de ella abierto"},
    {"none, backups are copies", "não há, as cópias de segurança são completas",
	"no hay, las copias de seguridad son completas"},
    {"a hard link is another file", "um link físico é outro arquivo",
	"un enlace físico es otro archivo"},
    {"to %s ns", "até %s ns", "hasta %s ns"},
    {"only to whole seconds", "só até segundos", "solo hasta segundos"},
    {"a file has another time than it was given",
	"um arquivo tem outro horário que o que recebeu",
	"un archivo tiene otra hora que la que recibió"},
    {"not all, this disk has others", "nem todos, este disco tem outros",
	"no todos, este disco tiene otros"},
    {"the disk spells this name otherwise",
	"o disco escreve este nome de outro modo",
	"el disco escribe este nombre de otro modo"},
    {"they are the same in names", "são iguais nos nomes",
	"son iguales en los nombres"},
    {"they differ in names", "são diferentes nos nomes",
	"son distintas en los nombres"},
    {"not all %s characters", "nem todos os %s caracteres",
	"no todos los %s caracteres"},
    {"not on this disk, only the free space is looked at",
	"não neste disco, só se olha o espaço livre",
	"no en este disco, solo se mira el espacio libre"},
    {"the disk does not tell it", "o disco não informa",
	"el disco no lo informa"},
    {"there are none on this system or disk", "não há neste sistema ou disco",
	"no hay en este sistema o disco"},
    {"a link is followed", "um link é seguido", "se sigue un enlace"},
    {"has another content", "tem outro conteúdo", "tiene otro contenido"},
    {"is still there", "ainda está lá", "todavía está"},
    {"moved aside first", "antes é posto de lado", "antes se aparta"},
    {"it takes another program", "exige outro programa", "exige otro programa"},
    {"two programs have the same lock; no update here is safe",
	"dois programas têm a mesma trava; nenhuma atualização aqui é segura",
	"dos programas tienen el mismo bloqueo; ninguna actualización aquí es "
	"segura"},
    {"nothing is held here", "aqui nada fica retido",
	"aquí nada queda retenido"},
    {"the update ends, nothing is changed", "a atualização termina, nada muda",
	"la actualización termina, nada cambia"},
    {"the update ends and names %s, nothing is changed",
	"a atualização termina e indica %s, nada muda",
	"la actualización termina e indica %s, nada cambia"},
    {NULL, NULL, NULL},
};
