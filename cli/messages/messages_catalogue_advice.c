/*
 * The translations of what to do about a failure (messages_advice_internal.h);
 * a part of messages_catalogue.c.
 */
#include "cli/messages/messages_catalogue_internal.h"

const struct message messages_of_advice[] = {
    {DO011, "DO011: Inicie de novo e concorde, ou use --yes.",
	"DO011: Inicie de nuevo y acepte, o use --yes."},
    {DO012,
	"DO012: Para ter atualizações, ponha Enable=1 no [Update] do servidor.",
	"DO012: Para tener actualizaciones, ponga Enable=1 en [Update] del "
	"servidor."},
    {DO013,
	"DO013: Verifique --os, e se o INI do servidor indica uma pasta de "
	"atualização para ele.",
	"DO013: Verifique --os, y que el INI del servidor indique una carpeta "
	"de actualización para él."},
    {DO015,
	"DO015: Não é preciso fazer nada; o administrador a libera quando "
	"estiver pronta.",
	"DO015: No hace falta hacer nada; el administrador la libera cuando "
	"esté lista."},
    {DO016,
	"DO016: Não é preciso fazer nada; inicie de novo nessa hora. [ErpSync] "
	"Window do INI do servidor tem as horas.",
	"DO016: No hace falta hacer nada; inícielo de nuevo a esa hora. "
	"[ErpSync] Window del INI del servidor tiene las horas."},
    {DO019, "DO019: Atualize mais uma vez com --download-only, ou sem --apply.",
	"DO019: Actualice una vez más con --download-only, o sin --apply."},
    {DO020,
	"DO020: Dê a este usuário o direito de leitura e gravação na pasta do "
	"cliente, ou atualize como o dono dela.",
	"DO020: Dé a este usuario el derecho de lectura y escritura en la "
	"carpeta del cliente, o actualice como su dueño."},
    {DO021,
	"DO021: Libere espaço no disco da pasta do cliente (se faltam inodes: "
	"remova arquivos, de qualquer tamanho) e tente de novo.",
	"DO021: Libere espacio en el disco de la carpeta del cliente (si "
	"faltan inodos: elimine archivos, de cualquier tamaño) e intente de "
	"nuevo."},
    {DO022, "DO022: Feche os programas e sessões que o usam e tente de novo.",
	"DO022: Cierre los programas y sesiones que lo usan e intente de "
	"nuevo."},
    {DO023, "DO023: Espere a pasta ficar livre e tente de novo.",
	"DO023: Espere a que la carpeta quede libre e intente de nuevo."},
    {DO025, "DO025: Tente de novo; se falhar outra vez, avise o administrador.",
	"DO025: Intente de nuevo; si vuelve a fallar, avise al "
	"administrador."},
    {DO026,
	"DO026: Traga de volta outra (--to): 'erpsync history' diz quais estão "
	"como foram feitas.",
	"DO026: Recupere otra (--to): 'erpsync history' dice cuáles están como "
	"se hicieron."},
    {DO028,
	"DO028: Verifique a rede, o endereço e a porta do servidor, e se ele "
	"está em execução.",
	"DO028: Verifique la red, la dirección y el puerto del servidor, y si "
	"está en ejecución."},
    {DO029, "DO029: Tente de novo: o que foi recebido está guardado.",
	"DO029: Intente de nuevo: lo recibido está guardado."},
    {DO033,
	"DO033: Verifique se o endereço e a porta são os do servidor de "
	"atualização e se os dois programas estão atualizados.",
	"DO033: Verifique que la dirección y el puerto sean los del servidor "
	"de actualización y que ambos programas estén actualizados."},
    {DO034,
	"DO034: Verifique o disco e a pasta, execute 'erpsync recover' e "
	"tente de novo.",
	"DO034: Verifique el disco y la carpeta, ejecute 'erpsync recover' e "
	"intente de nuevo."},
    {DO035, "DO035: Verifique se a pasta e os nomes de arquivo estão certos.",
	"DO035: Verifique que la carpeta y los nombres de archivo sean "
	"correctos."},
    {DO036, "DO036: Feche outros programas e tente de novo.",
	"DO036: Cierre otros programas e intente de nuevo."},
    {DO037, "DO037: Inicie de novo quando for conveniente.",
	"DO037: Inícielo de nuevo cuando convenga."},
    {DO038,
	"DO038: Corrija o pedido; 'erpsync --help' o explica, 'erpsync help "
	"settings' as chaves dos INIs.",
	"DO038: Corrija lo pedido; 'erpsync --help' lo explica, 'erpsync help "
	"settings' las claves de los INI."},
    {DO040,
	"DO040: Deixe a pasta como está e envie esta mensagem ao "
	"administrador; erpsync(1) diz em ARQUIVOS o que se pode fazer.",
	"DO040: Deje la carpeta como está y envíe este mensaje al "
	"administrador; erpsync(1) dice en FILES qué se puede hacer."},
    {DO041, "DO041: Avise o administrador.", "DO041: Avise al administrador."},
    {DO042,
	"DO042: Verifique a pasta do servidor, ou permita com "
	"--max-delete=NUM.",
	"DO042: Verifique la carpeta del servidor, o permítalo con "
	"--max-delete=NUM."},
    {DO043, "DO043: Tire-o da pasta do cliente e tente de novo.",
	"DO043: Sáquelo de la carpeta del cliente e intente de nuevo."},
    {DO044,
	"DO044: Tente de novo em alguns minutos. Se continuar assim, o log do "
	"servidor diz por quê: talvez não possa publicar o que tem.",
	"DO044: Intente de nuevo en unos minutos. Si sigue así, el log del "
	"servidor dice por qué: quizás no pueda publicar lo que tiene."},
    {DO045, "DO045: Monte o disco de modo que possa ser gravado.",
	"DO045: Monte el disco de modo que se pueda escribir."},
    {DO046,
	"DO046: Aumente o limite de tamanho de arquivos (ulimit -f) e tente de "
	"novo.",
	"DO046: Aumente el límite de tamaño de archivos (ulimit -f) e intente "
	"de nuevo."},
    {DO052,
	"DO052: Aumente o limite de arquivos abertos (ulimit -n; LimitNOFILE= "
	"de um serviço) e tente de novo.",
	"DO052: Aumente el límite de archivos abiertos (ulimit -n; "
	"LimitNOFILE= de un servicio) e intente de nuevo."},
    {DO053,
	"DO053: Verifique este caminho: um link nele anda em círculo, ou não "
	"pode ser seguido.",
	"DO053: Verifique esta ruta: un enlace en ella va en círculo, o no se "
	"puede seguir."},
    {DO054, "DO054: Use um caminho ou nome mais curto.",
	"DO054: Use una ruta o un nombre más corto."},
    {DO055,
	"DO055: Verifique este caminho: o que devia ser uma pasta nele é um "
	"arquivo.",
	"DO055: Verifique esta ruta: lo que debería ser una carpeta en ella es "
	"un archivo."},
    {DO047,
	"DO047: Avise o administrador do servidor: falta espaço na pasta de "
	"estado.",
	"DO047: Avise al administrador del servidor: falta espacio en la "
	"carpeta de estado."},
    {DO056,
	"DO056: Avise o administrador do servidor: o log dele diz por quê (o "
	"disco, os direitos).",
	"DO056: Avise al administrador del servidor: su log dice por qué (el "
	"disco, los derechos)."},
    {DO039, "DO039: Envie esta mensagem ao administrador.",
	"DO039: Envíe este mensaje al administrador."},

    {DO220, "DO220: Verifique quem pode ler e gravar.",
	"DO220: Verifique quién puede leer y escribir."},
    {DO221,
	"DO221: Libere espaço nesse disco (se faltam inodes: remova arquivos) "
	"e tente de novo.",
	"DO221: Libere espacio en ese disco (si faltan inodos: elimine "
	"archivos) e intente de nuevo."},
    {DO222, "DO222: Tente de novo quando nada mais o usar ou gravar.",
	"DO222: Intente de nuevo cuando nada más lo use o escriba."},
    {DO223, "DO223: Espere até que fique livre e tente de novo.",
	"DO223: Espere a que quede libre e intente de nuevo."},
    {DO225, "DO225: Verifique se é deste lugar, ou faça-o de novo.",
	"DO225: Verifique que sea de aquí, o hágalo de nuevo."},
    {DO234, "DO234: Verifique o disco e tente de novo.",
	"DO234: Verifique el disco e intente de nuevo."},
    {DO235, "DO235: Verifique o nome.", "DO235: Verifique el nombre."},
    {DO239,
	"DO239: Corrija-o na pasta de atualização, ou deixe-o de fora "
	"(Exclude= em [ErpSync]).",
	"DO239: Corríjalo en la carpeta de actualización, o déjelo fuera "
	"(Exclude= en [ErpSync])."},
    {DO243, "DO243: Tire-o daí e tente de novo.",
	"DO243: Sáquelo de ahí e intente de nuevo."},
    {DO260,
	"DO260: Nada foi publicado; sele a versão: 'erpsync seal', ou "
	"--seal-key.",
	"DO260: No se publicó nada; selle la versión: 'erpsync seal', o "
	"--seal-key."},
    {DO238,
	"DO238: Corrija-o; 'erpsync help' mostra os comandos, 'erpsync help "
	"settings' as chaves dos INIs.",
	"DO238: Corríjalo; 'erpsync help' muestra los comandos, 'erpsync help "
	"settings' las claves de los INI."},
    {DO237, "DO237: Nada foi gravado; inicie de novo quando for conveniente.",
	"DO237: No se escribió nada; inícielo de nuevo cuando convenga."},
    {.key = NULL},
};
