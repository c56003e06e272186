/*
 * What is said of seals and of the keys that make them; rows as in
 * details_table.c.
 */
#include "cli/messages/details_internal.h"

const struct detail details_of_seals[] = {
    {"the seal of the installed release ends at %s: the folder has to be "
     "sealed again before",
	"o selo da versão instalada vale até %s: a pasta deve ser selada de "
	"novo antes disso",
	"el sello de la versión instalada vale hasta %s: la carpeta se debe "
	"sellar de nuevo antes"},
    {"%s cannot be computed", "não é possível calcular %s",
	"no se puede calcular %s"},
    {"a statement about a new key is not of the key that it replaces",
	"uma declaração sobre uma chave nova não é da chave que ela substitui",
	"una declaración sobre una clave nueva no es de la clave que "
	"reemplaza"},
    {"it is no public key of minisign", "não é uma chave pública do minisign",
	"no es una clave pública de minisign"},
    {"it is no seal (a file of minisign)",
	"não é um selo (um arquivo do minisign)",
	"no es un sello (un archivo de minisign)"},
    {"it is no secret key of minisign", "não é uma chave secreta do minisign",
	"no es una clave secreta de minisign"},
    {"its passphrase is needed", "é preciso a sua senha",
	"se necesita su contraseña"},
    {"its passphrase would take more work or memory than is reasonable",
	"sua senha exigiria mais trabalho ou memória do que é razoável",
	"su contraseña exigiría más trabajo o memoria de lo razonable"},
    {"its trusted comment is no statement of erpsync",
	"seu comentário confiável não é uma declaração do erpsync",
	"su comentario de confianza no es una declaración de erpsync"},
    {"the list of files is not the one that was sealed",
	"a lista de arquivos não é a que foi selada",
	"la lista de archivos no es la que fue sellada"},
    {"the release has a seal that is not of the key %s, though it says so",
	"a versão tem um selo que não é da chave %s, embora o diga",
	"la versión tiene un sello que no es de la clave %s, aunque lo diga"},
    {"the release has no seal", "a versão não tem selo",
	"la versión no tiene sello"},
    {"the release has the serial number %s, here %s was seen before",
	"a versão tem o número de série %s, aqui já foi visto o %s",
	"la versión tiene el número de serie %s, aquí ya se vio el %s"},
    {"the seal would have the serial number %s, and a station that has seen "
     "none takes none above %s; seal with a new key, --replaces the old one "
     "and --serial 1",
	"o selo teria o número de série %s, e uma estação que não viu nenhum "
	"não aceita acima de %s; sele com uma chave nova, --replaces a antiga "
	"e --serial 1",
	"el sello tendría el número de serie %s, y una estación que no vio "
	"ninguno no acepta por encima de %s; selle con una clave nueva, "
	"--replaces la anterior y --serial 1"},
    {"the release has the serial number %s, too far above %s",
	"a versão tem o número de série %s, muito acima de %s",
	"la versión tiene el número de serie %s, muy por encima de %s"},
    {"the release is of the older build %s, and its seal does not say that "
     "this is meant",
	"a versão é do build mais antigo %s, e o selo não diz que isso é "
	"intencional",
	"la versión es del build más antiguo %s, y el sello no dice que sea "
	"intencional"},
    {"the release is sealed with the key %s, which is not trusted here",
	"a versão está selada com a chave %s, em que aqui não se confia",
	"la versión está sellada con la clave %s, en la que aquí no se "
	"confía"},
    {"the release's seal: %m", "o selo da versão: %m",
	"el sello de la versión: %m"},
    {"days since the seal expired, by this machine's clock: %s",
	"dias desde que o selo expirou, pelo relógio desta máquina: %s",
	"días desde que caducó el sello, según el reloj de esta máquina: %s"},
    {"the seal is of a day to come by this machine's clock; is the clock "
     "right?",
	"o selo é de um dia futuro pelo relógio desta máquina; o relógio está "
	"certo?",
	"el sello es de un día futuro según el reloj de esta máquina; ¿está "
	"bien el reloj?"},
    {"the seal is of another release than the one that came with it",
	"o selo é de outra versão que não a que veio com ele",
	"el sello es de otra versión que la que vino con él"},
    {"the seal is of files of %s, not of %s",
	"o selo é de arquivos de %s, não de %s",
	"el sello es de archivos de %s, no de %s"},
    {"the seal is of the product %s, this folder has %s",
	"o selo é do produto %s, esta pasta tem %s",
	"el sello es del producto %s, esta carpeta tiene %s"},
    {"the seal is too long", "o selo é longo demais",
	"el sello es demasiado largo"},
    {"the seal is older than one that was seen here",
	"o selo é mais antigo que um já visto aqui",
	"el sello es más antiguo que uno ya visto aquí"},
    {"the server announces a list of files of %s bytes, the sealed one has %s",
	"o servidor anuncia uma lista de arquivos de %s bytes, a selada tem "
	"%s",
	"el servidor anuncia una lista de archivos de %s bytes, la sellada "
	"tiene %s"},
    {"the server offers nothing; days since the last seal that came expired, "
     "by this machine's clock: %s",
	"o servidor não oferece nada; dias desde que expirou o último selo que "
	"veio, pelo relógio desta máquina: %s",
	"el servidor no ofrece nada; días desde que caducó el último sello que "
	"llegó, según el reloj de esta máquina: %s"},
    {"the statements about new keys cannot be read",
	"não é possível ler as declarações sobre chaves novas",
	"no se pueden leer las declaraciones sobre claves nuevas"},
    {"this is not its passphrase", "esta não é a sua senha",
	"esta no es su contraseña"},
    {"two releases have the serial number %s",
	"duas versões têm o número de série %s",
	"dos versiones tienen el número de serie %s"},
    {"is damaged; delete it, and what was seen is forgotten",
	"está danificado; apague-o, e o que foi visto será esquecido",
	"está dañado; bórrelo, y lo que se vio se olvida"},
    {"%s keys are trusted already; remove one",
	"já se confia em %s chaves; remova uma",
	"ya se confía en %s claves; quite una"},
    {"--seal-key is missing", "falta --seal-key", "falta --seal-key"},
    {"a seal comes that was not asked for", "chega um selo que não foi pedido",
	"llega un sello que no se pidió"},
    {"a seal is valid for no more than %s days",
	"um selo não vale por mais de %s dias",
	"un sello no vale por más de %s días"},
    {"an empty passphrase; give --no-passphrase for a key without one",
	"uma senha vazia; use --no-passphrase para uma chave sem senha",
	"una contraseña vacía; use --no-passphrase para una clave sin ella"},
    {"is the release of another system", "é a versão de outro sistema",
	"es la versión de otro sistema"},
    {"is there already; give another name, or move it away",
	"já existe; dê outro nome ou tire-o daí",
	"ya existe; dé otro nombre o quítelo de ahí"},
    {"its seal is of the release %s, the folder is %s now; copy both, or seal "
     "it anew",
	"seu selo é da versão %s, a pasta agora é %s; copie os dois, ou sele-a "
	"de novo",
	"su sello es de la versión %s, la carpeta ahora es %s; copie ambos, o "
	"séllela de nuevo"},
    {"its seal says %s and build '%s', it is served as %s and build '%s'; seal "
     "it anew",
	"seu selo diz %s e build '%s', ela é servida como %s e build '%s'; "
	"sele-a de novo",
	"su sello dice %s y build '%s', se sirve como %s y build '%s'; "
	"séllela de nuevo"},
    {"no key of this number is trusted here",
	"aqui não se confia em nenhuma chave desse número",
	"aquí no se confía en ninguna clave de ese número"},
    {"no key to seal with", "nenhuma chave para selar",
	"ninguna clave para sellar"},
    {"no passphrase was given", "nenhuma senha foi dada",
	"no se dio ninguna contraseña"},
    {"the passphrase is there once; a new one is read twice, so give two "
     "lines of it",
	"a senha aparece uma vez; uma nova é lida duas vezes, então dê duas "
	"linhas com ela",
	"la contraseña aparece una vez; una nueva se lee dos veces, así que dé "
	"dos líneas con ella"},
    {"nothing of a server's is there, and so no seal",
	"nada ali é de um servidor, e por isso não há selo",
	"nada de eso es de un servidor, y por eso no hay sello"},
    {"product %s: use 1 to 64 of A-Z a-z 0-9 . _ -",
	"produto %s: use de 1 a 64 de A-Z a-z 0-9 . _ -",
	"producto %s: use de 1 a 64 de A-Z a-z 0-9 . _ -"},
    {"say list, add FILE or remove NUMBER",
	"diga list, add ARQUIVO ou remove NÚMERO",
	"diga list, add ARCHIVO o remove NÚMERO"},
    {"the backup is not of a sealed release",
	"a cópia de segurança não é de uma versão selada",
	"la copia de seguridad no es de una versión sellada"},
    {"the key %s is trusted already", "já se confia na chave %s",
	"ya se confía en la clave %s"},
    {"the name is too long", "o nome é longo demais",
	"el nombre es demasiado largo"},
    {"the passphrase was not the same the second time",
	"a senha não foi a mesma na segunda vez",
	"la contraseña no fue la misma la segunda vez"},
    {"the secret key is not that of [ErpSync] SealKey",
	"a chave secreta não é a de SealKey em [ErpSync]",
	"la clave secreta no es la de SealKey en [ErpSync]"},
    {"the server announces %s packed bytes for a list of files of %s",
	"o servidor anuncia %s bytes compactados para uma lista de arquivos "
	"de %s",
	"el servidor anuncia %s bytes comprimidos para una lista de archivos "
	"de %s"},
    {"there is no seal %s; seal the folder (erpsync seal)",
	"não há o selo %s; sele a pasta (erpsync seal)",
	"no hay el sello %s; selle la carpeta (erpsync seal)"},
    {"there is no such file", "não há esse arquivo", "no hay ese archivo"},
    {"this folder takes sealed releases only, and this one was not let in",
	"esta pasta só aceita versões seladas, e esta não foi admitida",
	"esta carpeta solo acepta versiones selladas, y esta no fue admitida"},
    {"is the key that seals; name the one whose place it takes",
	"é a chave que sela; diga aquela cujo lugar ela toma",
	"es la clave que sella; diga aquella cuyo lugar toma"},
    {"is damaged; delete it and add the keys again (erpsync keys add)",
	"está danificado; apague-o e adicione as chaves de novo (erpsync keys "
	"add)",
	"está dañado; bórrelo y agregue las claves de nuevo (erpsync keys "
	"add)"},
    {NULL, NULL, NULL},
};
