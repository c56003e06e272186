/*
 * What is said of TLS, of keys and certificates, and of who is believed by
 * them; rows as in details_table.c.
 */
#include "cli/messages/details_internal.h"

const struct detail details_of_security[] = {
    {"%s closed the connection before TLS was there: it has no place, or is an "
     "erpsync without TLS, which needs Insecure=1 here",
	"%s fechou a conexão antes do TLS: não tem lugar, ou é um erpsync sem "
	"TLS, que precisa de Insecure=1 aqui",
	"%s cerró la conexión antes del TLS: no tiene lugar, o es un erpsync "
	"sin TLS, que necesita Insecure=1 aquí"},
    {"%s closed the connection without a word: it has no place, is no erpsync "
     "server, or wants TLS (--tls)",
	"%s fechou a conexão sem uma palavra: não tem lugar, não é um servidor "
	"erpsync, ou quer TLS (--tls)",
	"%s cerró la conexión sin una palabra: no tiene lugar, no es un "
	"servidor erpsync, o quiere TLS (--tls)"},
    {"%s does not answer in TLS: it is no erpsync server, or one that needs "
     "Insecure=1 here",
	"%s não responde em TLS: não é um servidor erpsync, ou é um que "
	"precisa de Insecure=1 aqui",
	"%s no responde en TLS: no es un servidor erpsync, o es uno que "
	"necesita Insecure=1 aquí"},
    {"%s has no TLS 1.3", "%s não tem TLS 1.3", "%s no tiene TLS 1.3"},
    {"the other end answers in TLS, and this one spoke without it: leave out "
     "--insecure or Insecure=1, or say --tls",
	"o outro lado responde em TLS, e este falou sem ele: retire --insecure "
	"ou Insecure=1, ou use --tls",
	"el otro extremo responde en TLS, y este habló sin él: quite "
	"--insecure o Insecure=1, o use --tls"},
    {"%s shows the key %s, and not the one that Pin says",
	"%s mostra a chave %s, e não a que Pin diz",
	"%s muestra la clave %s, y no la que dice Pin"},
    {"%s shows the key %s, where it had %s; if its administrator has changed "
     "it, say --accept-key once",
	"%s mostra a chave %s, e antes tinha %s; se o administrador dele a "
	"trocou, use --accept-key uma vez",
	"%s muestra la clave %s, y antes tenía %s; si su administrador la "
	"cambió, use --accept-key una vez"},
    {"%s wants a certificate of this station that it believes (%s); set "
     "CertificateClient and KeyClient",
	"%s quer um certificado desta estação em que acredite (%s); defina "
	"CertificateClient e KeyClient",
	"%s quiere un certificado de esta estación en el que crea (%s); defina "
	"CertificateClient y KeyClient"},
    {"%s was reached by TLS before, so Insecure=1 does not count; remove "
     "Insecure=1, or --insecure",
	"%s já foi acessado por TLS, então Insecure=1 não vale; retire "
	"Insecure=1, ou --insecure",
	"%s ya fue alcanzado por TLS, así que Insecure=1 no vale; quite "
	"Insecure=1, o --insecure"},
    {"%s: TLS failed: %s", "%s: o TLS falhou: %s", "%s: el TLS falló: %s"},
    {"%s: no TLS handshake in time", "%s: o TLS não começou a tempo",
	"%s: el TLS no empezó a tiempo"},
    {"Insecure=1 contradicts Pin and CA, which are about TLS",
	"Insecure=1 contradiz Pin e CA, que tratam de TLS",
	"Insecure=1 contradice a Pin y CA, que tratan de TLS"},
    {"--tls and --insecure contradict each other",
	"--tls e --insecure se contradizem",
	"--tls y --insecure se contradicen"},
    {"a certificate and its key go together: set both CertificateServer and "
     "KeyServer, or none",
	"um certificado e sua chave andam juntos: defina CertificateServer e "
	"KeyServer, ou nenhum",
	"un certificado y su clave van juntos: defina CertificateServer y "
	"KeyServer, o ninguno"},
    {"a pin is sha256// and 44 characters, as the server's log and erpsync "
     "keygen tell it",
	"um pin é sha256// e 44 caracteres, como o dizem o log do servidor e "
	"erpsync keygen",
	"un pin es sha256// y 44 caracteres, como lo dicen el registro del "
	"servidor y erpsync keygen"},
    {"is no file of servers and their keys; move it away",
	"não é um arquivo de servidores e suas chaves; tire-o daí",
	"no es un archivo de servidores y sus claves; sáquelo de ahí"},
    {"is not HOST:PORT and a key; mend or remove this line",
	"não é HOST:PORTA e uma chave; corrija ou retire esta linha",
	"no es HOST:PUERTO y una clave; corrija o quite esta línea"},
    {"has a passphrase, and there is nobody to ask for it; keep the key "
     "without "
     "one",
	"tem uma senha, e não há a quem pedi-la; guarde a chave sem senha",
	"tiene una contraseña, y no hay a quién pedirla; guarde la clave sin "
	"ella"},
    {"has no certificate in it", "não contém nenhum certificado",
	"no contiene ningún certificado"},
    {"has no key in it", "não contém nenhuma chave",
	"no contiene ninguna clave"},
    {"is damaged (OpenSSL: %s)", "está danificado (OpenSSL: %s)",
	"está dañado (OpenSSL: %s)"},
    {"is not the key of the certificate beside it",
	"não é a chave do certificado ao lado dela",
	"no es la clave del certificado que está a su lado"},
    {"no certificate can be made for these names: %s",
	"nenhum certificado pode ser feito para estes nomes: %s",
	"no se puede hacer ningún certificado para estos nombres: %s"},
    {"the certificate of CertificateServer expired on %s, and stations with a "
     "CA "
     "refuse it; get a new one",
	"o certificado de CertificateServer venceu em %s, e as estações com CA "
	"o recusam; obtenha um novo",
	"el certificado de CertificateServer venció el %s, y las estaciones "
	"con CA lo rechazan; obtenga uno nuevo"},
    {"the certificate of CertificateServer expires on %s, and stations with a "
     "CA refuse it from then on; get a new one",
	"o certificado de CertificateServer vence em %s, e a partir daí as "
	"estações com CA o recusam; obtenha um novo",
	"el certificado de CertificateServer vence el %s, y desde entonces las "
	"estaciones con CA lo rechazan; obtenga uno nuevo"},
    {"the certificate of CertificateServer is not valid before %s, and "
     "stations with a CA refuse it; get another one, or set this machine's "
     "clock right",
	"o certificado de CertificateServer não vale antes de %s, e as "
	"estações com CA o recusam; obtenha outro, ou acerte o relógio desta "
	"máquina",
	"el certificado de CertificateServer no vale antes del %s, y las "
	"estaciones con CA lo rechazan; obtenga otro, o ponga en hora el reloj "
	"de esta máquina"},
    {"the certificate of %s has expired; it needs a new one",
	"o certificado de %s venceu; ele precisa de um novo",
	"el certificado de %s venció; necesita uno nuevo"},
    {"the certificate of %s is for another name, not for %s",
	"o certificado de %s é de outro nome, não de %s",
	"el certificado de %s es de otro nombre, no de %s"},
    {"the certificate of %s is not good: %s",
	"o certificado de %s não serve: %s",
	"el certificado de %s no sirve: %s"},
    {"the certificate of %s is not valid yet; is this machine's clock right?",
	"o certificado de %s ainda não é válido; o relógio desta máquina está "
	"certo?",
	"el certificado de %s todavía no es válido; ¿está bien el reloj de "
	"esta máquina?"},
    {"the certificate of %s was issued by nobody in the CA file; its key is "
     "%s",
	"o certificado de %s não foi emitido por ninguém do arquivo CA; a "
	"chave dele é %s",
	"el certificado de %s no fue emitido por nadie del archivo CA; su "
	"clave es %s"},
    {"the certificate of %s was revoked; it needs a new one",
	"o certificado de %s foi revogado; ele precisa de um novo",
	"el certificado de %s fue revocado; necesita uno nuevo"},
    {"the connection to %s has no TLS: whoever is on the way can read and "
     "change what comes; that is what Insecure=1 means",
	"a conexão com %s não tem TLS: quem estiver no caminho pode ler e "
	"mudar o que vem; é o que Insecure=1 significa",
	"la conexión con %s no tiene TLS: quien esté en el camino puede leer y "
	"cambiar lo que llega; eso significa Insecure=1"},
    {"the server's name is too long", "o nome do servidor é longo demais",
	"el nombre del servidor es demasiado largo"},
    {"this server serves stations with a certificate only (ClientCA); that "
     "takes TLS",
	"este servidor só atende estações com certificado (ClientCA); para "
	"isso é preciso TLS",
	"este servidor solo atiende a estaciones con certificado (ClientCA); "
	"para eso hace falta TLS"},
    {"this server serves other machines by TLS only; that takes an erpsync "
     "that knows it, or Insecure=1 at the server",
	"este servidor só atende outras máquinas por TLS; para isso é preciso "
	"um erpsync que o conheça, ou Insecure=1 no servidor",
	"este servidor solo atiende a otras máquinas por TLS; para eso hace "
	"falta un erpsync que lo conozca, o Insecure=1 en el servidor"},
    {"a key needs a name, and files for itself and its certificate",
	"uma chave precisa de um nome, e de arquivos para si e seu certificado",
	"una clave necesita un nombre, y archivos para sí y su certificado"},
    {"is there already, and no key is written over",
	"já existe, e nenhuma chave é sobrescrita",
	"ya existe, y no se sobrescribe ninguna clave"},
    {"is the file of the key, too; give each its own",
	"é também o arquivo da chave; dê a cada um o seu",
	"es también el archivo de la clave; dé a cada uno el suyo"},
    {"--seal: give the key a name", "--seal: dê um nome à chave",
	"--seal: dé un nombre a la clave"},
    {"is no name of a file", "não é o nome de um arquivo",
	"no es el nombre de un archivo"},
    {"--certificate, --key and --name are needed, or --seal",
	"são necessários --certificate, --key e --name, ou --seal",
	"hacen falta --certificate, --key y --name, o --seal"},
    {"--name: use ASCII characters without blanks",
	"--name: use caracteres ASCII sem espaços",
	"--name: use caracteres ASCII sin espacios"},
    {"the secret key %s can be read or changed by others; take that right "
     "from them (chmod 600)",
	"a chave secreta %s pode ser lida ou alterada por outros; tire-lhes "
	"esse direito (chmod 600)",
	"la clave secreta %s puede ser leída o cambiada por otros; quíteles "
	"ese "
	"derecho (chmod 600)"},
    {"%s=%s is no pin: it is sha256// and 44 characters, as the server's log "
     "and erpsync keygen tell it",
	"%s=%s não é um pin: ele é sha256// e 44 caracteres, como o dizem o "
	"log do servidor e erpsync keygen",
	"%s=%s no es un pin: es sha256// y 44 caracteres, como lo dicen el "
	"registro del servidor y erpsync keygen"},
    {NULL, NULL, NULL},
};
