/*
 * What publishing and serving say of the server's folders and of itself; rows
 * as in details_table.c.  What sessions say of peers goes into the log, which
 * is in English.
 */
#include "cli/messages/details_internal.h"

const struct detail details_of_server[] = {
    {"%m; also: %m", "%m; também: %m", "%m; también: %m"},
    {"%m, unless stations have it", "%m, a não ser que as estações o tenham",
	"%m, a menos que las estaciones lo tengan"},
    {"%s bytes of short sums do not fit a file of %s",
	"%s bytes de somas curtas não servem a um arquivo de %s",
	"%s bytes de sumas cortas no sirven a un archivo de %s"},
    {"%m; reading the update folder again",
	"%m; a pasta de atualização é lida de novo",
	"%m; la carpeta de actualización se lee de nuevo"},
    {"%s in the state folder is a release that this version of erpsync does "
     "not allow; publish again",
	"%s na pasta de estado é uma versão publicada que esta versão do "
	"erpsync não permite; publique de novo",
	"%s en la carpeta de estado es una versión publicada que esta versión "
	"de erpsync no permite; publique de nuevo"},
    {"%s in the state folder is damaged; publish again",
	"%s na pasta de estado está danificado; publique de novo",
	"%s en la carpeta de estado está dañado; publique de nuevo"},
    {"%s is no state folder of erpsync, but has files; name a new or empty "
     "folder",
	"%s não é pasta de estado do erpsync, mas tem arquivos; indique uma "
	"pasta nova ou vazia",
	"%s no es carpeta de estado de erpsync, pero tiene archivos; indique "
	"una carpeta nueva o vacía"},
    {"%s is gone", "%s não está mais lá", "%s ya no está"},
    {"%s is of another system", "%s é de outro sistema",
	"%s es de otro sistema"},
    {"%s was damaged and is removed", "%s estava danificado e foi removido",
	"%s estaba dañado y se eliminó"},
    {"%s: %s and %s are the same name where case does not count",
	"%s: %s e %s são o mesmo nome onde maiúsculas não contam",
	"%s: %s y %s son el mismo nombre donde no cuentan las mayúsculas"},
    {"%s: %s cannot be started on stations; chmod +x it here",
	"%s: %s não pode ser iniciado nas estações; aplique chmod +x aqui",
	"%s: %s no se puede iniciar en las estaciones; aplique chmod +x aquí"},
    {"%s: %s has upper-case letters, which LowercaseOnly=1 forbids; rename it",
	"%s: %s tem letras maiúsculas, que LowercaseOnly=1 proíbe; renomeie-o",
	"%s: %s tiene letras mayúsculas, que LowercaseOnly=1 prohíbe; "
	"renómbrelo"},
    {"%s: %s has upper-case letters; on a Linux server all names should be "
     "lower case",
	"%s: %s tem letras maiúsculas; em um servidor Linux todos os nomes "
	"devem ser minúsculos",
	"%s: %s tiene letras mayúsculas; en un servidor Linux todos los "
	"nombres deben ir en minúsculas"},
    {"%s: %s is a packed archive and is sent as it is; the client's files must "
     "be unpacked",
	"%s: %s é um arquivo compactado e é enviado como está; os arquivos do "
	"cliente devem estar descompactados",
	"%s: %s es un archivo comprimido y se envía como está; los archivos "
	"del cliente deben estar descomprimidos"},
    {"%s: %s is a sign that a client runs from this folder; use a folder for "
     "updates only",
	"%s: %s é sinal de que um cliente roda desta pasta; use uma pasta só "
	"para atualizações",
	"%s: %s es señal de que un cliente se ejecuta desde esta carpeta; use "
	"una carpeta solo para actualizaciones"},
    {"%s: %s is dated before 1970 or after 2242; stations get the nearest date "
     "between these",
	"%s: %s tem data antes de 1970 ou depois de 2242; as estações recebem "
	"a mais próxima entre essas",
	"%s: %s tiene fecha anterior a 1970 o posterior a 2242; las estaciones "
	"reciben la más cercana entre ellas"},
    {"%s: %s is dated in the future; correct its date or the clock",
	"%s: %s tem data no futuro; corrija a data ou o relógio",
	"%s: %s tiene fecha en el futuro; corrija la fecha o el reloj"},
    {"%s: %s looks like a leftover and goes to every station; remove it or "
     "name it in [ErpSync] Exclude",
	"%s: %s parece uma sobra e vai a todas as estações; remova-o ou "
	"indique-o em [ErpSync] Exclude",
	"%s: %s parece un resto y va a todas las estaciones; elimínelo o "
	"indíquelo en [ErpSync] Exclude"},
    {"%s: %s more like that: %s", "%s: mais %s como esse: %s",
	"%s: %s más como ese: %s"},
    {"%s: %s names or files cannot be published, see the warnings; the first "
     "is %m",
	"%s: %s nomes ou arquivos não podem ser publicados, veja os avisos; o "
	"primeiro é %m",
	"%s: %s nombres o archivos no se pueden publicar, vea los avisos; el "
	"primero es %m"},
    {"%s: %s replaces each station's own settings, as its server and port, "
     "unless [ErpSync] has IniPolicy=smartclient.ini:merge or "
     "Exclude=smartclient.ini",
	"%s: %s substitui os ajustes de cada estação, como servidor e porta, a "
	"não ser que [ErpSync] tenha IniPolicy=smartclient.ini:merge ou "
	"Exclude=smartclient.ini",
	"%s: %s reemplaza los ajustes de cada estación, como servidor y "
	"puerto, salvo que [ErpSync] tenga IniPolicy=smartclient.ini:merge o "
	"Exclude=smartclient.ini"},
    {"%s: %m; a station that has it like that, also merged into its own, can "
     "then be updated only by the server that served it last, and not if that "
     "may cost files that it keeps",
	"%s: %m; uma estação que o tenha assim, também mesclado no seu, depois "
	"só pode ser atualizada pelo último servidor que a serviu, e não se "
	"isso pode custar arquivos que ela guarda",
	"%s: %m; una estación que lo tenga así, también combinado con el suyo, "
	"después solo puede ser actualizada por el último servidor que la "
	"sirvió, y no si eso puede costar archivos que ella guarda"},
    {"has an Exclude= that leaves out every file, which stations ignore; "
     "remove it",
	"tem um Exclude= que exclui todos os arquivos, que as estações "
	"ignoram; retire-o",
	"tiene un Exclude= que excluye todos los archivos, que las estaciones "
	"ignoran; quítelo"},
    {"has an Exclude= that leaves out this file itself, which stations take "
     "all the same; remove it",
	"tem um Exclude= que exclui o próprio arquivo, que as estações recebem "
	"mesmo assim; retire-o",
	"tiene un Exclude= que excluye el propio archivo, que las estaciones "
	"reciben de todos modos; quítelo"},
    {"has an IniPolicy= that keeps this file itself, which stations merge "
     "instead; write merge for it",
	"tem uma IniPolicy= que mantém o próprio arquivo, que as estações "
	"mesclam em vez disso; escreva merge para ele",
	"tiene una IniPolicy= que conserva el propio archivo, que las "
	"estaciones combinan en su lugar; escriba merge para él"},
    {"has Insecure=1, which stations ignore that know the server by TLS; "
     "remove it",
	"tem Insecure=1, ignorado pelas estações que conhecem o servidor por "
	"TLS; retire-o",
	"tiene Insecure=1, que ignoran las estaciones que conocen el servidor "
	"por TLS; quítelo"},
    {"names the server of updates only as the ERP's own, by [drivers]; if that "
     "is another one, write Server= and Port= into [ErpSync]",
	"só indica o servidor de atualizações como o do próprio ERP, por "
	"[drivers]; se for outro, escreva Server= e Port= em [ErpSync]",
	"solo indica el servidor de actualizaciones como el del propio ERP, "
	"por [drivers]; si es otro, escriba Server= y Port= en [ErpSync]"},
    {"says Os= of another system than the folder's",
	"diz Os= de outro sistema que não o da pasta",
	"dice Os= de otro sistema que no el de la carpeta"},
    {"%s: Exclude=%s leaves out nothing; check its spelling, upper and lower "
     "case differ",
	"%s: Exclude=%s não exclui nada; verifique a escrita, maiúsculas e "
	"minúsculas são diferentes",
	"%s: Exclude=%s no excluye nada; verifique la escritura, mayúsculas y "
	"minúsculas son distintas"},
    {"is a FIFO or a socket, and nobody reads it; start who reads it first",
	"é um FIFO ou um socket, e ninguém o lê; inicie antes quem o lê",
	"es un FIFO o un socket, y nadie lo lee; inicie antes a quien lo lee"},
    {"the server's own key is gone from the state folder; put it back, or "
     "start the server again for a new one, which stations refuse that know "
     "this one",
	"a chave do próprio servidor sumiu da pasta de estado; devolva-a, ou "
	"inicie o servidor de novo para ter outra, que as estações que "
	"conhecem esta recusam",
	"la clave del propio servidor ya no está en la carpeta de estado; "
	"devuélvala, o inicie el servidor de nuevo para tener otra, que "
	"rechazan las estaciones que conocen esta"},
    {"%s: it was closed", "%s: foi fechado", "%s: se cerró"},
    {"%s: not all compiled", "%s: nem tudo foi compilado",
	"%s: no todo se compiló"},
    {"%s: not published", "%s: não publicado", "%s: no publicado"},
    {"%s: the seal has the serial number %s, that before it %s; stations "
     "refuse "
     "it: seal anew with a higher --serial",
	"%s: o selo tem o número de série %s, o anterior %s; as estações o "
	"recusam: sele de novo com um --serial maior",
	"%s: el sello tiene el número de serie %s, el anterior %s; las "
	"estaciones lo rechazan: selle de nuevo con un --serial mayor"},
    {"%s: the seal has the serial number %s, that before it %s; stations "
     "refuse it, and no higher one is for all: seal anew with a new key, "
     "--replaces the old one and --serial 1",
	"%s: o selo tem o número de série %s, o anterior %s; as estações o "
	"recusam, e nenhum maior serve a todas: sele de novo com uma chave "
	"nova, --replaces a antiga e --serial 1",
	"%s: el sello tiene el número de serie %s, el anterior %s; las "
	"estaciones lo rechazan, y ninguno mayor sirve a todas: selle de nuevo "
	"con una clave nueva, --replaces la antigua y --serial 1"},
    {"%s=%s: not a folder; give the path of the update folder",
	"%s=%s: não é uma pasta; indique o caminho da pasta de atualização",
	"%s=%s: no es una carpeta; indique la ruta de la carpeta de "
	"actualización"},
    {"the folder of %s is not what is served: it changes, it was changed a "
     "moment ago or after it was sealed, it is a release that is held, or the "
     "server's log says why it is not published",
	"a pasta de %s não é o que é servido: ela muda, mudou há um instante "
	"ou depois de selada, é uma versão retida, ou o log do servidor diz "
	"por que não é publicada",
	"la carpeta de %s no es lo que se sirve: cambia, cambió hace un "
	"instante o después de sellada, es una versión retenida, o el log del "
	"servidor dice por qué no se publica"},
    {"stations are told that automatic update is disabled; write Enable=1 into "
     "[Update] to switch it on",
	"as estações recebem a resposta de que a atualização automática está "
	"desabilitada; escreva Enable=1 em [Update] para ligá-la",
	"las estaciones reciben la respuesta de que la actualización "
	"automática "
	"está deshabilitada; escriba Enable=1 en [Update] para activarla"},
    {"the update folders have %s, and a release of them needs up to as much "
     "here",
	"as pastas de atualização têm %s, e uma publicação delas precisa de "
	"até o mesmo aqui",
	"las carpetas de publicación tienen %s, y una publicación de ellas "
	"necesita hasta lo mismo aquí"},
    {"%s=%s: the folder is empty; put the client's files there",
	"%s=%s: a pasta está vazia; ponha nela os arquivos do cliente",
	"%s=%s: la carpeta está vacía; ponga en ella los archivos del cliente"},
    {"%s=%s: the folder keeps changing (%m); it is published when it is at "
     "rest: name what always changes in [ErpSync] Exclude",
	"%s=%s: a pasta muda o tempo todo (%m); é publicada quando estiver "
	"parada: indique o que sempre muda em [ErpSync] Exclude",
	"%s=%s: la carpeta cambia todo el tiempo (%m); se publica cuando "
	"esté en reposo: indique lo que siempre cambia en [ErpSync] Exclude"},
    {"%s=%s: there is no folder smartclient.app; the folder must hold it "
     "unpacked",
	"%s=%s: não há a pasta smartclient.app; ela deve estar aqui "
	"descompactada",
	"%s=%s: no hay carpeta smartclient.app; debe estar aquí descomprimida"},
    {"%s=%s: update folder not found; create it or correct the path",
	"%s=%s: pasta de atualização não encontrada; crie-a ou corrija o "
	"caminho",
	"%s=%s: carpeta de actualización no encontrada; créela o corrija la "
	"ruta"},
    {"--listen", "--listen", "--listen"},
    {"the address is empty; write ADDR:PORT, or PORT alone for all addresses",
	"o endereço está vazio; escreva ENDEREÇO:PORTA, ou só PORTA para todos "
	"os endereços",
	"la dirección está vacía; escriba DIRECCIÓN:PUERTO, o solo PUERTO para "
	"todas las direcciones"},
    {"%s=%s lies in %s=%s and is published with it, unless Exclude leaves it "
     "out",
	"%s=%s está em %s=%s e é publicado junto, a menos que Exclude o deixe "
	"de fora",
	"%s=%s está en %s=%s y se publica con él, salvo que Exclude lo "
	"excluya"},
    {"Enable of [Update] has no value: automatic update is disabled; write "
     "Enable=1 to switch it on",
	"Enable em [Update] não tem valor: a atualização automática está "
	"desabilitada; escreva Enable=1 para habilitá-la",
	"Enable en [Update] no tiene valor: la actualización automática está "
	"deshabilitada; escriba Enable=1 para habilitarla"},
    {"Enable=%s, but none of PathWindows, PathLinux and PathMacOSX is set",
	"Enable=%s, mas nenhum de PathWindows, PathLinux e PathMacOSX está "
	"definido",
	"Enable=%s, pero no está definido ninguno de PathWindows, PathLinux y "
	"PathMacOSX"},
    {"Listen at line %s already has a port; remove one",
	"Listen na linha %s já tem uma porta; remova uma delas",
	"Listen en la línea %s ya tiene un puerto; quite uno"},
    {"Listen: %m", "Listen: %m", "Listen: %m"},
    {"[ErpSync] Build is not set: every station counts as compatible",
	"[ErpSync] Build não está definido: toda estação conta como compatível",
	"[ErpSync] Build no está definido: toda estación cuenta como "
	"compatible"},
    {"[Update] Enable is not on: stations will not be updated",
	"[Update] Enable não está ligado: as estações não serão atualizadas",
	"[Update] Enable no está activo: las estaciones no se actualizarán"},
    {"a build code is too long", "um código de versão é longo demais",
	"un código de versión es demasiado largo"},
    {"a file went away", "um arquivo sumiu", "un archivo desapareció"},
    {"a signature of %s bytes does not fit a file of %s",
	"uma assinatura de %s bytes não serve a um arquivo de %s",
	"una firma de %s bytes no sirve a un archivo de %s"},
    {"cannot make an event loop", "o laço de eventos não pôde ser criado",
	"no se pudo crear el bucle de eventos"},
    {"content %s in the state folder was damaged and is removed; publish again "
     "(a running server does so by itself)",
	"o conteúdo %s na pasta de estado estava danificado e foi removido; "
	"publique de novo (um servidor em execução o faz sozinho)",
	"el contenido %s en la carpeta de estado estaba dañado y se eliminó; "
	"publique de nuevo (un servidor en ejecución lo hace solo)"},
    {"every user of this machine can write in the state folder %s, and so "
     "change what stations get; take that right from them",
	"qualquer usuário desta máquina pode gravar na pasta de estado %s e "
	"assim mudar o que as estações recebem; tire deles esse direito",
	"cualquier usuario de esta máquina puede escribir en la carpeta de "
	"estado %s y así cambiar lo que reciben las estaciones; quíteles ese "
	"derecho"},
    {"given up", "desistiu", "abandonado"},
    {"larger than needed", "maior do que o necessário",
	"más grande de lo necesario"},
    {"more folders than systems", "mais pastas do que sistemas",
	"más carpetas que sistemas"},
    {"no port to listen on: write Port= into the section that [DRIVERS] "
     "Active= names, or Port= into [ErpSync], or use --listen",
	"sem porta para escutar: escreva Port= na seção que [DRIVERS] Active= "
	"indica, ou Port= em [ErpSync], ou use --listen",
	"sin puerto donde escuchar: escriba Port= en la sección que indica "
	"[DRIVERS] Active=, o Port= en [ErpSync], o use --listen"},
    {"no such blob", "não há esse bloco", "no hay tal bloque"},
    {"no such content", "não há esse conteúdo", "no hay tal contenido"},
    {"no such key", "não há essa chave", "no hay tal clave"},
    {"no such release for %s", "não há essa versão publicada para %s",
	"no hay tal versión publicada para %s"},
    {"nothing to publish: set PathWindows, PathLinux or PathMacOSX in [Update]",
	"nada a publicar: defina PathWindows, PathLinux ou PathMacOSX em "
	"[Update]",
	"nada que publicar: defina PathWindows, PathLinux o PathMacOSX en "
	"[Update]"},
    {"patch does not rebuild its target", "o patch não refaz o seu destino",
	"el parche no rehace su destino"},
    {"sessions were cut off", "sessões foram cortadas", "se cortaron sesiones"},
    {"state folder", "pasta de estado", "carpeta de estado"},
    {"state folder %s is in use by another erpsync server; a running server "
     "publishes by itself, also what erpsync seal sealed",
	"a pasta de estado %s está em uso por outro servidor erpsync; um "
	"servidor em execução publica sozinho, também o que erpsync seal "
	"selou",
	"la carpeta de estado %s la usa otro servidor erpsync; un servidor en "
	"ejecución publica solo, también lo que erpsync seal selló"},
    {"state folder %s is of another version of erpsync; name a new folder or "
     "remove this one",
	"a pasta de estado %s é de outra versão do erpsync; indique uma pasta "
	"nova ou remova esta",
	"la carpeta de estado %s es de otra versión de erpsync; indique una "
	"carpeta nueva o elimine esta"},
    {"the content of %s is not in the state folder",
	"o conteúdo de %s não está na pasta de estado",
	"el contenido de %s no está en la carpeta de estado"},
    {"the event loop failed", "o laço de eventos falhou",
	"falló el bucle de eventos"},
    {"the limit of open files is too low for a server: %s; make it %s or more "
     "(ulimit -n, LimitNOFILE)",
	"o limite de arquivos abertos é baixo demais para um servidor: %s; "
	"aumente-o para %s ou mais (ulimit -n, LimitNOFILE)",
	"el límite de archivos abiertos es demasiado bajo para un servidor: "
	"%s; auméntelo a %s o más (ulimit -n, LimitNOFILE)"},
    {"the patch is not wanted any more", "o patch não é mais necessário",
	"el parche ya no hace falta"},
    {"the state folder %s is another user's, whose server could not read what "
     "root makes there; run this as that user",
	"a pasta de estado %s é de outro usuário, cujo servidor não poderia "
	"ler o que o root cria ali; execute como esse usuário",
	"la carpeta de estado %s es de otro usuario, cuyo servidor no podría "
	"leer lo que root crea allí; ejecute esto como ese usuario"},
    {"the state folder %s lies in the update folder %s=%s and would be "
     "published; set [ErpSync] State to a folder elsewhere",
	"a pasta de estado %s está na pasta de atualização %s=%s e seria "
	"publicada; defina [ErpSync] State com uma pasta em outro lugar",
	"la carpeta de estado %s está en la carpeta de actualización %s=%s y "
	"se publicaría; defina [ErpSync] State con una carpeta en otro lugar"},
    {"SealKey", "SealKey", "SealKey"},
    {"[ErpSync] %s=%s lies in the update folder %s=%s and would be published; "
     "move it out of there, or leave it out by Exclude",
	"[ErpSync] %s=%s está na pasta de atualização %s=%s e seria "
	"publicado; tire-o dali ou deixe-o de fora com Exclude",
	"[ErpSync] %s=%s está en la carpeta de actualización %s=%s y se "
	"publicaría; sáquelo de allí o exclúyalo con Exclude"},
    {"%s, with all it says of this server, lies in the update folder %s=%s "
     "and is published; move it out of there, or leave it out by Exclude",
	"%s, com tudo o que diz deste servidor, está na pasta de atualização "
	"%s=%s e é publicado; tire-o dali ou deixe-o de fora com Exclude",
	"%s, con todo lo que dice de este servidor, está en la carpeta de "
	"actualización %s=%s y se publica; sáquelo de allí o exclúyalo con "
	"Exclude"},
    {"[ErpSync] LogFile=%s is a file of the state folder's own; give the log "
     "another name",
	"[ErpSync] LogFile=%s é um arquivo da própria pasta de estado; dê "
	"outro "
	"nome ao log",
	"[ErpSync] LogFile=%s es un archivo de la propia carpeta de estado; dé "
	"otro nombre al registro"},
    {"[ErpSync] LogFile=%s is the file of %s, too; give the log a file of its "
     "own",
	"[ErpSync] LogFile=%s é também o arquivo de %s; dê ao log um arquivo "
	"só dele",
	"[ErpSync] LogFile=%s es también el archivo de %s; dé al registro un "
	"archivo propio"},
    {"the state folder was removed; start the server again",
	"a pasta de estado foi removida; inicie o servidor de novo",
	"se eliminó la carpeta de estado; inicie el servidor de nuevo"},
    {"the station left without a word", "a estação saiu sem dizer nada",
	"la estación se fue sin decir nada"},
    {"there is no [Update] section; stations will be told that automatic "
     "update is disabled",
	"não há seção [Update]; as estações serão avisadas de que a "
	"atualização automática está desabilitada",
	"no hay sección [Update]; se dirá a las estaciones que la "
	"actualización automática está deshabilitada"},
    {"too many references", "referências demais", "demasiadas referencias"},
    {"%s: the folder is the release %s, which is held; release %s stays the "
     "current one",
	"%s: a pasta é a versão %s, que está retida; a versão %s continua "
	"sendo a atual",
	"%s: la carpeta es la versión %s, que está retenida; la versión %s "
	"sigue siendo la actual"},
    {"there is no state folder %s yet; erpsync serve or publish makes it",
	"ainda não há pasta de estado %s; erpsync serve ou publish a cria",
	"todavía no hay carpeta de estado %s; erpsync serve o publish la crea"},
    {"others publish all the time; try again",
	"outros publicam o tempo todo; tente de novo",
	"otros publican todo el tiempo; intente de nuevo"},
    {"it takes a new seal, since stations refuse its old one: give --seal-key, "
     "or seal its file in the state folder (erpsync seal --to) into the seal "
     "beside the update folder",
	"ela precisa de um selo novo, pois as estações recusam o antigo: dê "
	"--seal-key, ou sele o arquivo dela na pasta de estado (erpsync seal "
	"--to) no selo ao lado da pasta de atualização",
	"necesita un sello nuevo, pues las estaciones rechazan el antiguo: dé "
	"--seal-key, o selle su archivo en la carpeta de estado (erpsync seal "
	"--to) en el sello junto a la carpeta de actualización"},
    {"an empty text names no release; give its number or the first 8 digits of "
     "its id, as erpsync releases lists them",
	"um texto vazio não indica nenhuma versão; dê o número dela ou os 8 "
	"primeiros dígitos do id, como erpsync releases os lista",
	"un texto vacío no indica ninguna versión; dé su número o los 8 "
	"primeros dígitos de su id, como los lista erpsync releases"},
    {"no release of %s is %s; give its number or the first 8 digits of its "
     "id, as erpsync releases lists them",
	"nenhuma versão de %s é %s; dê o número dela ou os 8 primeiros dígitos "
	"do id, como erpsync releases os lista",
	"ninguna versión de %s es %s; dé su número o los 8 primeros dígitos de "
	"su id, como los lista erpsync releases"},
    {"'%s' are no hours like 22:00-06:00 or mon-fri 20:00-24:00",
	"'%s' não são horas como 22:00-06:00 ou seg-sex 20:00-24:00",
	"'%s' no son horas como 22:00-06:00 o lun-vie 20:00-24:00"},
    {"a list of builds has at most %s bytes; shorten it with patterns, as "
     "7.00.19*",
	"uma lista de builds tem no máximo %s bytes; encurte-a com padrões, "
	"como 7.00.19*",
	"una lista de builds tiene como máximo %s bytes; acórtela con "
	"patrones, como 7.00.19*"},
    {"MaxRate has a rate below 2K, with which a station gives up; a number "
     "without a letter is in K",
	"MaxRate tem uma taxa abaixo de 2K, com a qual uma estação desiste; um "
	"número sem letra é em K",
	"MaxRate tiene una tasa por debajo de 2K, con la que una estación "
	"desiste; un número sin letra es en K"},
    {"MinClientBuild=%s is above Build=%s, so no older client counts as "
     "compatible; write the oldest build that does",
	"MinClientBuild=%s está acima de Build=%s, e assim nenhum cliente mais "
	"antigo conta como compatível; escreva o build mais antigo que conta",
	"MinClientBuild=%s está por encima de Build=%s, y así ningún cliente "
	"más antiguo cuenta como compatible; escriba el build más antiguo que "
	"cuenta"},
    {"a server runs, and the state folder %s is not there: it was removed, or "
     "the server was started with another one; its log says which",
	"um servidor está rodando, e a pasta de estado %s não existe: foi "
	"removida, ou o servidor foi iniciado com outra; o log dele diz qual",
	"un servidor está en marcha, y la carpeta de estado %s no existe: fue "
	"eliminada, o el servidor se inició con otra; su log dice cuál"},
    {"%s=%s and %s=%s are one folder, which is published for both systems; "
     "give each its own, unless its files are for both",
	"%s=%s e %s=%s são uma só pasta, que é publicada para os dois "
	"sistemas; dê a cada um a sua, a não ser que os arquivos sejam para os "
	"dois",
	"%s=%s y %s=%s son una sola carpeta, que se publica para los dos "
	"sistemas; dé a cada uno la suya, a no ser que los archivos sean para "
	"los dos"},
    {"'%s' is no range of addresses like 10.1.0.0/16",
	"'%s' não é um intervalo de endereços como 10.1.0.0/16",
	"'%s' no es un rango de direcciones como 10.1.0.0/16"},
    {"'%s' is a second rate of all at all hours; 2.5M is 2560K",
	"'%s' é outra taxa de todas a qualquer hora; 2,5M é 2560K",
	"'%s' es otra tasa de todas a cualquier hora; 2,5M es 2560K"},
    {"'%s' is not a rate like 512 or 2M", "'%s' não é uma taxa como 512 ou 2M",
	"'%s' no es una tasa como 512 o 2M"},
    {"there are more than %s rates, or a longer one than %s bytes",
	"há mais de %s taxas, ou uma com mais de %s bytes",
	"hay más de %s tasas, o una de más de %s bytes"},
    {"these are more hours than a week needs",
	"são mais horas do que uma semana precisa",
	"son más horas de las que una semana necesita"},
    {"listen on address %s port %s: %m; %m",
	"escutar no endereço %s porta %s: %m; %m",
	"escuchar en la dirección %s puerto %s: %m; %m"},
    {"another program has this port, perhaps the ERP's own server: give "
     "erpsync a port of its own, by Port= in [ErpSync] or by --listen, and "
     "tell it to stations by Server= and Port= in [ErpSync] of their "
     "smartclient.ini",
	"outro programa tem esta porta, talvez o servidor do próprio ERP: dê "
	"ao "
	"erpsync uma porta só dele, por Port= em [ErpSync] ou por --listen, e "
	"indique-a às estações por Server= e Port= em [ErpSync] do "
	"smartclient.ini delas",
	"otro programa tiene este puerto, quizás el servidor del propio ERP: "
	"dé "
	"a erpsync un puerto propio, por Port= en [ErpSync] o por --listen, e "
	"indíquelo a las estaciones por Server= y Port= en [ErpSync] de su "
	"smartclient.ini"},
    {"a port below 1024 needs root, or the capability CAP_NET_BIND_SERVICE",
	"uma porta abaixo de 1024 precisa de root, ou da capacidade "
	"CAP_NET_BIND_SERVICE",
	"un puerto menor que 1024 necesita root, o la capacidad "
	"CAP_NET_BIND_SERVICE"},
    {"is a symbolic link that leads nowhere; make the folder that it names, or "
     "remove the link",
	"é um link simbólico que não leva a nada; crie a pasta que ele indica, "
	"ou retire o link",
	"es un enlace simbólico que no lleva a nada; cree la carpeta que "
	"indica, o quite el enlace"},
    {"give one of this machine's, or none to listen on all",
	"indique um desta máquina, ou nenhum para escutar em todos",
	"indique una de esta máquina, o ninguna para escuchar en todas"},
    {NULL, NULL, NULL},
};
