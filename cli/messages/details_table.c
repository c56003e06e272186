/*
 * What is said of the client folder and of the machine: English as the engine
 * says it, %s for each argument and %m for one that is such a message itself,
 * then Portuguese and Spanish with the arguments in the same order.
 * tests/check/words sees that no text is missing.
 */
#include "cli/messages/details_internal.h"

const struct detail details_of_folder[] = {
    {"%m; going back failed too (%m): run erpsync rollback",
	"%m; a volta também falhou (%m): execute erpsync rollback",
	"%m; la vuelta también falló (%m): ejecute erpsync rollback"},
    {"%m; it is left alone", "%m; fica como está", "%m; se deja como está"},
    {"%m; the version before is in place again",
	"%m; a versão anterior está de novo no lugar",
	"%m; la versión anterior está de nuevo en su lugar"},
    {"it is %s here, but the folder was updated at %s",
	"aqui são %s, mas a pasta foi atualizada em %s",
	"aquí son %s, pero la carpeta se actualizó el %s"},
    {"held by %s", "em uso por %s", "en uso por %s"},
    {"%s and %s are the same name where case does not count",
	"%s e %s são o mesmo nome onde maiúsculas não contam",
	"%s y %s son el mismo nombre donde no cuentan las mayúsculas"},
    {"%s holds the client folder %s; name that one, or make a folder .erpsync "
     "in %s if it is a client's, too",
	"%s contém a pasta do cliente %s; indique essa, ou crie uma pasta "
	".erpsync em %s se ela também é de um cliente",
	"%s contiene la carpeta del cliente %s; indique esa, o cree una "
	"carpeta .erpsync en %s si también es de un cliente"},
    {"%s lies in the client folder %s; name that one, or make a folder "
     ".erpsync in %s if it is a client's, too",
	"%s está na pasta do cliente %s; indique essa, ou crie uma pasta "
	".erpsync em %s se ela também é de um cliente",
	"%s está en la carpeta del cliente %s; indique esa, o cree una "
	"carpeta .erpsync en %s si también es de un cliente"},
    {"%s is larger than %s bytes; it is no INI file",
	"%s tem mais de %s bytes; não é um arquivo INI",
	"%s tiene más de %s bytes; no es un archivo INI"},
    {"%s is not HOST:PORT with a port from %s to 65535",
	"%s não é HOST:PORTA com porta de %s a 65535",
	"%s no es HOST:PUERTO con un puerto de %s a 65535"},
    {"files that would be deleted: %s of %s, at most %s may be; "
     "--max-delete=%s allows it",
	"arquivos que seriam excluídos: %s de %s, no máximo %s podem ser; "
	"--max-delete=%s permite",
	"archivos que se eliminarían: %s de %s, como máximo pueden ser %s; "
	"--max-delete=%s lo permite"},
    {"%s: %s needed, %s free; make space and try again",
	"%s: são necessários %s, há %s livres; libere espaço e tente de novo",
	"%s: se necesitan %s, hay %s libres; libere espacio e intente de "
	"nuevo"},
    {"%s: %s needed, and a quota leaves less than that; make space, or have it "
     "raised, and try again",
	"%s: são necessários %s, e uma cota deixa menos que isso; libere "
	"espaço, ou peça que ela seja aumentada, e tente de novo",
	"%s: se necesitan %s, y una cuota deja menos que eso; libere espacio, "
	"o pida que se aumente, e intente de nuevo"},
    {"%s: a %m is where the release has a %m; leave it out (--exclude) or move "
     "it away",
	"%s: há %m onde a versão publicada tem %m; deixe-o de fora (--exclude) "
	"ou mova-o para fora da pasta",
	"%s: hay %m donde la versión publicada tiene %m; déjelo fuera "
	"(--exclude) o muévalo a otro lugar"},
    {"%s: a %m is where the release has a %m; leave it out (--exclude) or "
     "unmount it",
	"%s: há %m onde a versão publicada tem %m; deixe-o de fora (--exclude) "
	"ou desmonte-o",
	"%s: hay %m donde la versión publicada tiene %m; déjelo fuera "
	"(--exclude) o desmóntelo"},
    {"this disk lets nothing be removed, so that each update would leave all "
     "that it makes; let this user remove files there",
	"este disco não deixa remover nada, e cada atualização deixaria tudo o "
	"que faz; deixe este usuário remover arquivos nele",
	"este disco no deja eliminar nada, y cada actualización dejaría todo "
	"lo "
	"que hace; deje que este usuario elimine archivos en él"},
    {"the stack may have less than 1 MB here; give it more (ulimit -s 1024)",
	"a pilha tem menos de 1 MB aqui; dê mais a ela (ulimit -s 1024)",
	"la pila tiene menos de 1 MB aquí; dele más (ulimit -s 1024)"},
    {"a device, a FIFO or a socket", "um dispositivo, FIFO ou soquete",
	"un dispositivo, FIFO o socket"},
    {"a file must take the place of this folder, but it holds files that are "
     "not ours; move them away",
	"um arquivo deve ocupar o lugar desta pasta, mas ela tem arquivos que "
	"não são nossos; tire-os daí",
	"un archivo debe ocupar el lugar de esta carpeta, pero tiene archivos "
	"que no son nuestros; sáquelos de ahí"},
    {"a file of %s bytes is above the limit of 64 GB",
	"um arquivo de %s bytes passa do limite de 64 GB",
	"un archivo de %s bytes supera el límite de 64 GB"},
    {"a patch needs a basis that is a file: %s",
	"um patch precisa de uma base que seja um arquivo: %s",
	"un parche necesita una base que sea un archivo: %s"},
    {"a release without hashes", "uma versão publicada sem hashes",
	"una versión publicada sin hashes"},
    {"a text in it is malformed", "um texto nele está malformado",
	"un texto en él está mal formado"},
    {"an entry is malformed", "um item está malformado",
	"un elemento está mal formado"},
    {"an operation is malformed", "uma operação está malformada",
	"una operación está mal formada"},
    {"an update is running or was interrupted; run erpsync recover",
	"uma atualização está em curso ou foi interrompida; execute erpsync "
	"recover",
	"una actualización está en curso o fue interrumpida; ejecute erpsync "
	"recover"},
    {"another file system is mounted here",
	"outro sistema de arquivos está montado aqui",
	"aquí está montado otro sistema de archivos"},
    {"another file system is mounted here; unmount it",
	"outro sistema de arquivos está montado aqui; desmonte-o",
	"aquí está montado otro sistema de archivos; desmóntelo"},
    {"another file system is mounted here; it is not backed up",
	"outro sistema de arquivos está montado aqui; não é copiado",
	"aquí está montado otro sistema de archivos; no se copia"},
    {"another program holds a lease on it (Samba for its clients, an NFS "
     "server); close it there and try again",
	"outro programa tem uma concessão (lease) sobre ele (o Samba para os "
	"seus "
	"clientes, um servidor NFS); feche-o lá e tente de novo",
	"otro programa tiene una concesión (lease) sobre él (Samba para sus "
	"clientes, un servidor NFS); ciérrelo allí y pruebe de nuevo"},
    {"another update is running in %s (%m); wait for it to end",
	"outra atualização está em curso em %s (%m); espere que termine",
	"otra actualización está en curso en %s (%m); espere a que termine"},
    {"appeared during the update; close the program and try again",
	"apareceu durante a atualização; feche o programa e tente de novo",
	"apareció durante la actualización; cierre el programa e intente de "
	"nuevo"},
    {"belongs to another user or can be written by others; run the update as "
     "its owner, not as root",
	"é de outro usuário ou pode ser gravado por outros; atualize como o "
	"dono, não como root",
	"es de otro usuario o lo pueden escribir otros; actualice como su "
	"dueño, no como root"},
    {"can be changed by other users, and with it the folder to update; make "
     "it root's, and root's alone to write (chown root, chmod go-w; where the "
     "disk keeps no such rights, mount it with uid=, umask=022), or, if the "
     "folder is another user's, run the update as that user",
	"pode ser alterado por outros usuários, e com ele a pasta a atualizar; "
	"faça que seja do root, e que só ele o grave (chown root, chmod go-w; "
	"onde o disco não guarda direitos, monte-o com uid=, umask=022), ou, "
	"se a pasta é de outro usuário, atualize como esse usuário",
	"la pueden cambiar otros usuarios, y con ella la carpeta a actualizar; "
	"haga que sea de root, y que solo él la escriba (chown root, chmod "
	"go-w; donde el disco no guarda derechos, móntelo con uid=, "
	"umask=022), o, si la carpeta es de otro usuario, actualice como ese "
	"usuario"},
    {"can be changed by other users; take that right from them (chmod go-w), "
     "or, where the disk keeps no such rights, mount it so that it is of who "
     "updates (uid=, umask=022)",
	"pode ser alterado por outros usuários; tire deles esse direito (chmod "
	"go-w), ou, onde o disco não guarda direitos, monte-o de modo que seja "
	"de quem atualiza (uid=, umask=022)",
	"lo pueden cambiar otros usuarios; quíteles ese derecho (chmod go-w), "
	"o, donde el disco no guarda derechos, móntelo de modo que sea de "
	"quien actualiza (uid=, umask=022)"},
    {"can be written by other users, so what it holds cannot be believed; "
     "remove it, or give it mode 700 if you know that nobody did",
	"pode ser gravado por outros usuários, então o que contém não é de "
	"confiança; remova-o, ou dê-lhe modo 700 se souber que ninguém o fez",
	"lo pueden escribir otros usuarios, así que no se puede confiar en lo "
	"que contiene; elimínelo, o dele modo 700 si sabe que nadie lo hizo"},
    {"changed during the update; close the program and try again",
	"mudou durante a atualização; feche o programa e tente de novo",
	"cambió durante la actualización; cierre el programa e intente de "
	"nuevo"},
    {"changed since it was compared; close the program and try again",
	"mudou desde que foi comparado; feche o programa e tente de novo",
	"cambió desde que se comparó; cierre el programa e intente de nuevo"},
    {"changed while it was read", "mudou durante a leitura",
	"cambió durante la lectura"},
    {"content of %s", "conteúdo de %s", "contenido de %s"},
    {"the pattern is empty", "o padrão está vazio", "el patrón está vacío"},
    {"is longer than a path can be", "é mais longo do que um caminho pode ser",
	"es más largo de lo que puede ser una ruta"},
    {"ended while it was read", "acabou durante a leitura",
	"se acabó durante la lectura"},
    {"file", "um arquivo", "un archivo"},
    {"file too large", "arquivo grande demais", "archivo demasiado grande"},
    {"files are too large in all", "os arquivos são grandes demais no total",
	"los archivos son demasiado grandes en total"},
    {"folder", "uma pasta", "una carpeta"},
    {"has bytes too many", "tem bytes a mais", "tiene bytes de más"},
    {"has changed", "mudou", "cambió"},
    {"has no hash yet", "ainda não tem hash", "aún no tiene hash"},
    {"has nothing that this would bring back; nothing was changed",
	"não tem nada que isto traria de volta; nada foi alterado",
	"no tiene nada que esto recuperaría; no se cambió nada"},
    {"HealthCheck is too long; it is ignored",
	"HealthCheck é longo demais; foi ignorado",
	"HealthCheck es demasiado largo; se ignora"},
    {"interrupted", "interrompido", "interrumpido"},
    {"interrupted by a signal", "interrompido por um sinal",
	"interrumpido por una señal"},
    {"is a folder, a file is needed", "é uma pasta, é preciso um arquivo",
	"es una carpeta, se necesita un archivo"},
    {"is a link to the folder itself; remove it",
	"é um link para a própria pasta; remova-o",
	"es un enlace a la propia carpeta; elimínelo"},
    {"was removed, moved or replaced meanwhile; start the update again",
	"foi removida, movida ou trocada nesse meio-tempo; inicie a "
	"atualização "
	"de novo",
	"se eliminó, se movió o se reemplazó entretanto; inicie la "
	"actualización de nuevo"},
    {"is another user's, or others can write it, and counts for nothing; make "
     "it and its folder this user's alone",
	"é de outro usuário, ou outros podem gravá-lo, e não vale; deixe-o, e "
	"a sua pasta, só deste usuário",
	"es de otro usuario, o lo pueden escribir otros, y no vale; déjelo, y "
	"su carpeta, solo de este usuario"},
    {"is cut short", "está cortado", "está cortado"},
    {"is empty; nothing was changed", "está vazia; nada foi alterado",
	"está vacía; no se cambió nada"},
    {"is gone meanwhile", "sumiu entretanto", "desapareció entretanto"},
    {"%s: is kept up to date by another user (%s); run the update as that user",
	"%s: é mantida atualizada por outro usuário (%s); atualize como esse "
	"usuário",
	"%s: la mantiene actualizada otro usuario (%s); actualice como ese "
	"usuario"},
    {"is kept up to date by another user; run the update as that user",
	"é mantida atualizada por outro usuário; atualize como esse usuário",
	"la mantiene actualizada otro usuario; actualice como ese usuario"},
    {"is no regular file", "não é um arquivo comum", "no es un archivo común"},
    {"is neither the old nor the new file; move it out of the folder and run "
     "erpsync recover",
	"não é o arquivo antigo nem o novo; tire-o da pasta e execute erpsync "
	"recover",
	"no es el archivo viejo ni el nuevo; sáquelo de la carpeta y ejecute "
	"erpsync recover"},
    {"is new and was not given the set-uid or set-gid bit or the capabilities "
     "that the old one had; if it needs them, set them again (chmod, setcap)",
	"é novo e não recebeu o bit set-uid ou set-gid nem as capabilities que "
	"o antigo tinha; se precisa deles, ponha-os de novo (chmod, setcap)",
	"es nuevo y no recibió el bit set-uid o set-gid ni las capabilities "
	"que tenía el anterior; si los necesita, póngalos de nuevo (chmod, "
	"setcap)"},
    {"is no file, folder or link; move it away",
	"não é arquivo, pasta nem link; tire-o daí",
	"no es archivo, carpeta ni enlace; sáquelo de ahí"},
    {"is no longer a file", "não é mais um arquivo", "ya no es un archivo"},
    {"is no regular file; put one in its place",
	"não é um arquivo comum; ponha um no lugar",
	"no es un archivo común; ponga uno en su lugar"},
    {"is not a file, folder or link; it is not backed up",
	"não é arquivo, pasta nem link; não é copiado",
	"no es archivo, carpeta ni enlace; no se copia"},
    {"is encrypted, and the client folder is not, so that nothing can be moved "
     "into it; leave it out (--exclude) or encrypt the whole client folder",
	"está criptografada, e a pasta do cliente não, e nada pode ser movido "
	"para ela; deixe-a de fora (--exclude) ou criptografe toda a pasta do "
	"cliente",
	"está cifrada, y la carpeta del cliente no, y nada se puede mover a "
	"ella; déjela fuera (--exclude) o cifre toda la carpeta del cliente"},
    {"is immutable or append-only; take that from it (chattr -ia), or leave "
     "it out (--exclude)",
	"está imutável ou só para acréscimo; tire isso (chattr -ia) ou deixe-o "
	"de fora (--exclude)",
	"es inmutable o solo para añadir; quítele eso (chattr -ia) o déjelo "
	"fuera (--exclude)"},
    {"is immutable or append-only; take that from it (chattr -ia)",
	"está imutável ou só para acréscimo; tire isso (chattr -ia)",
	"es inmutable o solo para añadir; quítele eso (chattr -ia)"},
    {"its folder is immutable or append-only; take that from the folder "
     "(chattr -ia)",
	"está numa pasta imutável ou só para acréscimo; tire isso da pasta "
	"(chattr -ia)",
	"está en una carpeta inmutable o solo para añadir; quítele eso a la "
	"carpeta (chattr -ia)"},
    {"is not a folder; move it away", "não é uma pasta; tire-o daí",
	"no es una carpeta; sáquelo de ahí"},
    {"is not of a release, but its folder would have to go; move it away",
	"não é de uma versão publicada, mas a sua pasta teria de sair; tire-o "
	"daí",
	"no es de una versión publicada, pero su carpeta tendría que irse; "
	"sáquelo de ahí"},
    {"is out of order", "está fora de ordem", "está fuera de orden"},
    {"is there twice", "existe duas vezes", "está dos veces"},
    {"it is malformed", "está malformado", "está mal formado"},
    {"it is not known whether the update is durable; run erpsync recover",
	"não se sabe se a atualização está gravada no disco; execute erpsync "
	"recover",
	"no se sabe si la actualización quedó grabada en el disco; ejecute "
	"erpsync recover"},
    {"its checksum does not fit", "a soma de verificação não confere",
	"la suma de verificación no coincide"},
    {"its entries are not in order", "os itens não estão em ordem",
	"sus elementos no están en orden"},
    {"its folder is not an entry", "a sua pasta não consta",
	"su carpeta no figura"},
    {"its length does not fit", "o tamanho não confere",
	"su tamaño no coincide"},
    {"its manifest is not of its release",
	"a lista de arquivos não é da sua versão publicada",
	"su lista de archivos no es de su versión publicada"},
    {"its owner, group, ACL or attributes could not be kept (files in all: "
     "%s); give them again (chgrp, setfacl), or run the update as a user who "
     "may",
	"não foi possível manter seu dono, grupo, ACL ou atributos "
	"(arquivos ao todo: %s); dê-os de novo (chgrp, setfacl), ou execute a "
	"atualização como um usuário que possa",
	"no se pudieron mantener su dueño, grupo, ACL o atributos (archivos en "
	"total: %s); délos de nuevo (chgrp, setfacl), o ejecute la "
	"actualización como un usuario que pueda"},
    {"larger than it can be", "maior do que pode ser",
	"más grande de lo posible"},
    {"lies in a folder that others can write and is not its owner's; run this "
     "as the owner, not as root",
	"está em uma pasta que outros podem gravar e que não é do seu dono; "
	"execute como o dono, não como root",
	"está en una carpeta que otros pueden escribir y que no es de su "
	"dueño; ejecútelo como el dueño, no como root"},
    {"lies on another file system, subvolume or quota than the folder; leave "
     "it out (--exclude) or move it away",
	"está em outro sistema de arquivos, subvolume ou cota que a pasta; "
	"deixe-o de fora (--exclude) ou tire-o daí",
	"está en otro sistema de archivos, subvolumen o cuota que la carpeta; "
	"exclúyalo (--exclude) o sáquelo de ahí"},
    {"link", "um link", "un enlace"},
    {"manifest", "lista de arquivos", "lista de archivos"},
    {"manifest longer than announced",
	"lista de arquivos maior do que a anunciada",
	"lista de archivos más larga que la anunciada"},
    {"manifest: %m", "lista de arquivos: %m", "lista de archivos: %m"},
    {"more than %s entries", "mais de %s itens", "más de %s elementos"},
    {"no memory for the list", "sem memória para a lista",
	"sin memoria para la lista"},
    {"no memory for the progress", "sem memória para o andamento",
	"sin memoria para el progreso"},
    {"no memory for the report", "sem memória para o relatório",
	"sin memoria para el informe"},
    {"no release was installed here by erpsync; run erpsync update",
	"nenhuma versão foi instalada aqui pelo erpsync; execute erpsync "
	"update",
	"erpsync no instaló aquí ninguna versión; ejecute erpsync update"},
    {"not a build label", "não é um código de versão",
	"no es un código de versión"},
    {"not a file of this kind", "não é um arquivo deste tipo",
	"no es un archivo de este tipo"},
    {"not a path we write", "não é um caminho que gravamos",
	"no es una ruta que escribimos"},
    {"not enough inodes for %s: %s needed, %s free; remove files and try again",
	"faltam inodes para %s: são necessários %s, há %s livres; remova "
	"arquivos e tente de novo",
	"faltan inodos para %s: se necesitan %s, hay %s libres; elimine "
	"archivos e intente de nuevo"},
    {"out of memory", "memória insuficiente", "memoria insuficiente"},
    {"path too long", "caminho longo demais", "ruta demasiado larga"},
    {"recovery required", "é preciso recuperar", "es necesario recuperar"},
    {"recovery required, run erpsync recover: undoing failed (%m) after",
	"é preciso recuperar, execute erpsync recover: não foi possível "
	"desfazer (%m) depois de",
	"es necesario recuperar, ejecute erpsync recover: no se pudo deshacer "
	"(%m) después de"},
    {"recovery required: .erpsync holds both a journal and a committed update; "
     "nothing was changed",
	"é preciso recuperar: .erpsync tem ao mesmo tempo um diário e uma "
	"atualização confirmada; nada foi alterado",
	"es necesario recuperar: .erpsync tiene a la vez un diario y una "
	"actualización confirmada; no se cambió nada"},
    {"recovery required: .erpsync/%s", "é preciso recuperar: .erpsync/%s",
	"es necesario recuperar: .erpsync/%s"},
    {"recovery required: an earlier update of this folder has an unknown "
     "outcome; run erpsync recover",
	"é preciso recuperar: não se sabe como terminou uma atualização "
	"anterior desta pasta; execute erpsync recover",
	"es necesario recuperar: no se sabe cómo terminó una actualización "
	"anterior de esta carpeta; ejecute erpsync recover"},
    {"release %s failed the health check of this station before and is not "
     "installed again; --force installs it",
	"a versão publicada %s não passou antes no teste de saúde desta "
	"estação e não é instalada de novo; --force a instala",
	"la versión publicada %s no pasó antes la prueba de salud de esta "
	"estación y no se instala de nuevo; --force la instala"},
    {"release %s was taken back on this station and is not installed again; a "
     "newer one is, or --force does it",
	"a versão publicada %s foi desfeita nesta estação e não é instalada de "
	"novo; uma mais nova é, ou --force a instala",
	"la versión publicada %s fue revertida en esta estación y no se "
	"instala de nuevo; una más nueva sí, o --force la instala"},
    {"stopped on request", "interrompido a pedido", "interrumpido a pedido"},
    {"stopped while the new version was checked; it is in place and is checked "
     "at the next start",
	"interrompido durante o teste da nova versão; ela está no lugar e é "
	"testada na próxima vez",
	"detenido mientras se probaba la nueva versión; está en su lugar y se "
	"prueba la próxima vez"},
    {"symbolic link in a set for windows",
	"link simbólico em um conjunto para windows",
	"enlace simbólico en un conjunto para windows"},
    {"text too long to be recorded", "texto longo demais para ser registrado",
	"texto demasiado largo para registrarlo"},
    {"the basis became shorter while it was read",
	"a base ficou menor enquanto era lida",
	"la base se acortó mientras se leía"},
    {"the build code is too long", "o código de versão é longo demais",
	"el código de versión es demasiado largo"},
    {"the folder cannot be written; give this user the right to write in it",
	"a pasta não pode ser gravada; dê a este usuário o direito de gravar "
	"nela",
	"no se puede escribir en la carpeta; dé a este usuario el derecho de "
	"escribir en ella"},
    {"the folder is encrypted and locked; unlock it (fscrypt unlock)",
	"a pasta está criptografada e bloqueada; desbloqueie-a (fscrypt "
	"unlock)",
	"la carpeta está cifrada y bloqueada; desbloquéela (fscrypt unlock)"},
    {"the folder has the files of %s", "a pasta tem os arquivos de %s",
	"la carpeta tiene los archivos de %s"},
    {"the folder has the files of %s, not of %s",
	"a pasta tem os arquivos de %s, não de %s",
	"la carpeta tiene los archivos de %s, no de %s"},
    {"the folder has programs of several systems and gets the files of "
     "this one; --os or [ErpSync] Os= say which it is",
	"a pasta tem programas de vários sistemas e recebe os arquivos "
	"deste; --os ou [ErpSync] Os= dizem de qual é",
	"la carpeta tiene programas de varios sistemas y recibe los archivos "
	"de este; --os o [ErpSync] Os= dicen de cuál es"},
    {"the folder is read-only", "a pasta é só de leitura",
	"la carpeta es de solo lectura"},
    {"the health check did not end within %s s",
	"o teste de saúde não terminou em %s s",
	"la prueba de salud no terminó en %s s"},
    {"the health check ended with exit code %s",
	"o teste de saúde terminou com o código %s",
	"la prueba de salud terminó con el código %s"},
    {"start %s: no more processes can be started here (ulimit -u, TasksMax)",
	"iniciar %s: aqui não se podem iniciar mais processos (ulimit -u, "
	"TasksMax)",
	"iniciar %s: aquí no se pueden iniciar más procesos (ulimit -u, "
	"TasksMax)"},
    {"the health check is too long",
	"o comando do teste de saúde é longo demais",
	"el comando de la prueba de salud es demasiado largo"},
    {"the health check was ended by signal %s",
	"o teste de saúde foi encerrado pelo sinal %s",
	"la prueba de salud fue terminada por la señal %s"},
    {"the path is too long; move it out of the folder",
	"o caminho é longo demais; tire-o da pasta",
	"la ruta es demasiado larga; sáquela de la carpeta"},
    {"the paths have more than %s MB in all; use fewer or shorter ones",
	"os caminhos somam mais de %s MB; use menos ou mais curtos",
	"las rutas suman más de %s MB; use menos o más cortas"},
    {"the same file is to be read and to be written",
	"o mesmo arquivo seria lido e gravado",
	"se leería y escribiría el mismo archivo"},
    {"this disk cannot keep its time or exec bit as the release has it "
     "(files in all: %s); what it made of them is remembered and counts as "
     "equal",
	"este disco não consegue guardar seu horário ou bit de execução como a "
	"versão os tem (arquivos ao todo: %s); o que fez deles é lembrado e "
	"conta como igual",
	"este disco no puede guardar su hora o su bit de ejecución como los "
	"tiene la versión (archivos en total: %s); lo que hizo de ellos se "
	"recuerda y cuenta como igual"},
    {"this disk has no locks, so that two updates could meet; if it is NFS, "
     "start its lock service (rpc.statd) or mount it with local_lock=all",
	"este disco não tem travas, e duas atualizações poderiam se cruzar; se "
	"for NFS, inicie o serviço de travas (rpc.statd) ou monte-o com "
	"local_lock=all",
	"este disco no tiene bloqueos, y dos actualizaciones podrían cruzarse; "
	"si es NFS, inicie su servicio de bloqueos (rpc.statd) o móntelo con "
	"local_lock=all"},
    {"this disk has no symbolic links; leave it out (--exclude), or put a file "
     "in its place in the release",
	"este disco não tem links simbólicos; deixe-o de fora (--exclude) ou "
	"ponha um arquivo no lugar na versão publicada",
	"este disco no tiene enlaces simbólicos; déjelo fuera (--exclude) o "
	"ponga un archivo en su lugar en la versión"},
    {"this user may not read it, so it cannot be backed up; give him the "
     "right, or leave it out (--backup-exclude)",
	"este usuário não pode lê-lo, então não há como copiá-lo; dê-lhe esse "
	"direito ou deixe-o de fora (--backup-exclude)",
	"este usuario no puede leerlo, así que no se puede copiar; dele ese "
	"derecho o déjelo fuera (--backup-exclude)"},
    {"too large", "grande demais", "demasiado grande"},
    {"too short", "curto demais", "demasiado corto"},
    {"unfinished updates in .erpsync cannot be removed; remove the folders "
     "tmp.*, bkp.* and trash.* in it",
	"atualizações inacabadas em .erpsync não podem ser removidas; remova "
	"nele as pastas tmp.*, bkp.* e trash.*",
	"no se pueden eliminar actualizaciones inacabadas en .erpsync; elimine "
	"en él las carpetas tmp.*, bkp.* y trash.*"},
    {"unknown operation", "operação desconhecida", "operación desconocida"},
    {"unknown operation in it", "há nele uma operação desconhecida",
	"hay en él una operación desconocida"},
    {"unknown type in a plan", "tipo desconhecido em um plano",
	"tipo desconocido en un plan"},
    {"vanished during the update; try again",
	"sumiu durante a atualização; tente de novo",
	"desapareció durante la actualización; intente de nuevo"},
    {"was not received; run the update again",
	"não foi recebido; atualize de novo",
	"no se recibió; actualice de nuevo"},
    {"written by a newer erpsync; use that one",
	"gravado por um erpsync mais novo; use esse",
	"escrito por un erpsync más nuevo; use ese"},
    {NULL, NULL, NULL},
};
