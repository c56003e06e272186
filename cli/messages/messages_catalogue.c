/*
 * The translations, Portuguese and Spanish for each English key; named
 * arguments are in the order in which they come.
 */
#include "cli/messages/messages_catalogue_internal.h"

static const struct message catalogue[] = {
    {K1,
	"K1: Smart Client e Application Server estão incompatíveis em versão. "
	"Deseja atualizar a versão do Smart Client?",
	"K1: Las versiones de Smart Client y Application Server son "
	"incompatibles. ¿Desea actualizar la versión de Smart Client?"},
    {K2, "K2: Não foi possível atualizar automaticamente o Remote",
	"K2: No fue posible actualizar automáticamente el Remote"},

    {UPD001, "UPD001: Verificando arquivos...",
	"UPD001: Verificando archivos..."},
    /* file, its number, files in all, percent, time left */
    {UPD002, "UPD002: Baixando %s (%s de %s, %u%%, restam %s)",
	"UPD002: Descargando %s (%s de %s, %u%%, faltan %s)"},
    /* folder */
    {UPD003, "UPD003: Criando cópia de segurança em %s",
	"UPD003: Creando copia de seguridad en %s"},
    {UPD004, "UPD004: Aplicando atualização. Não desligue o computador.",
	"UPD004: Aplicando la actualización. No apague el equipo."},
    {UPD006, "UPD006: Nenhuma atualização necessária.",
	"UPD006: No se necesita actualización."},
    /* from, to */
    {UPD007, "UPD007: Atualização concluída: %s -> %s.",
	"UPD007: Actualización concluida: %s -> %s."},
    /* station's build, server's build */
    {UPD010, "UPD010: Versão da estação: %s. Versão do servidor: %s.",
	"UPD010: Versión de la estación: %s. Versión del servidor: %s."},
    {UPD011,
	"UPD011: Atualização recusada. A sessão será encerrada; nada foi "
	"alterado.",
	"UPD011: Actualización rechazada. La sesión terminará; no se cambió "
	"nada."},
    {UPD012,
	"UPD012: Atualização automática desabilitada no servidor. Contate o "
	"administrador.",
	"UPD012: La actualización automática está deshabilitada en el "
	"servidor. Contacte al administrador."},
    /* operating system */
    {UPD013, "UPD013: Não há pacote para este sistema operacional (%s).",
	"UPD013: No hay paquete para este sistema operativo (%s)."},
    {UPD015,
	"UPD015: O servidor não dá atualização agora; a versão que está no "
	"lugar fica",
	"UPD015: El servidor no da actualización ahora; la versión que está "
	"en su lugar queda"},
    /* time, hours and minutes until then */
    {UPD016,
	"UPD016: O servidor só dá atualizações em certas horas; elas começam "
	"em %s (daqui a %u h %02u min)",
	"UPD016: El servidor solo da actualizaciones a ciertas horas; "
	"comienzan el %s (dentro de %u h %02u min)"},
    {UPD017, "UPD017: Tudo foi baixado; a próxima atualização o põe no lugar.",
	"UPD017: Todo fue descargado; la próxima actualización lo pone en su "
	"lugar."},
    /* time */
    {UPD018, "UPD018: Esperando até %s para atualizar.",
	"UPD018: Esperando hasta %s para actualizar."},
    {UPD019, "UPD019: Nada foi baixado que deva ser posto no lugar.",
	"UPD019: Nada fue descargado que deba ponerse en su lugar."},
    {UPD014, "UPD014: Não há terminal em que perguntar; --yes concorda.",
	"UPD014: No hay terminal en que preguntar; --yes acepta."},

    {UPD020, "UPD020: Sem permissão", "UPD020: Sin permiso"},
    {UPD021, "UPD021: Espaço em disco ou inodes insuficientes",
	"UPD021: Espacio en disco o inodos insuficientes"},
    {UPD022, "UPD022: Arquivo em uso", "UPD022: Archivo en uso"},
    {UPD023, "UPD023: A pasta está ocupada", "UPD023: La carpeta está ocupada"},
    {UPD025, "UPD025: Conteúdo inválido; nada foi aplicado",
	"UPD025: Contenido inválido; no se aplicó nada"},
    {UPD027, "UPD027: Uma atualização interrompida foi recuperada.",
	"UPD027: Se recuperó una actualización interrumpida."},
    {UPD028, "UPD028: Sem conexão com o servidor",
	"UPD028: Sin conexión con el servidor"},
    {UPD029, "UPD029: A conexão foi perdida", "UPD029: Se perdió la conexión"},
    {UPD032, "UPD032: Sem resposta a tempo", "UPD032: Sin respuesta a tiempo"},
    {UPD033, "UPD033: O servidor respondeu algo inesperado",
	"UPD033: El servidor respondió algo inesperado"},
    {UPD034, "UPD034: Um arquivo não pôde ser lido ou gravado",
	"UPD034: No se pudo leer o escribir un archivo"},
    {UPD035, "UPD035: Não encontrado", "UPD035: No encontrado"},
    {UPD036, "UPD036: Memória insuficiente", "UPD036: Memoria insuficiente"},
    {UPD037, "UPD037: Interrompido a pedido", "UPD037: Interrumpido a pedido"},
    {UPD038, "UPD038: O pedido não pode ser atendido",
	"UPD038: No se puede cumplir lo pedido"},
    {UPD039, "UPD039: Erro interno", "UPD039: Error interno"},
    {UPD040, "UPD040: A pasta precisa ser recuperada à mão; nada foi alterado",
	"UPD040: La carpeta necesita que la recuperen a mano; no se cambió "
	"nada"},
    {UPD041, "UPD041: A nova versão foi rejeitada nesta estação",
	"UPD041: La nueva versión fue rechazada en esta estación"},
    {UPD042, "UPD042: Arquivos demais seriam excluídos; nada foi aplicado",
	"UPD042: Se eliminarían demasiados archivos; no se aplicó nada"},
    {UPD043, "UPD043: Algo está no caminho da atualização",
	"UPD043: Algo está en el camino de la actualización"},
    {UPD044, "UPD044: O servidor não pode atender esta estação agora",
	"UPD044: El servidor no puede atender a esta estación ahora"},
    {UPD045, "UPD045: O servidor tem um problema próprio",
	"UPD045: El servidor tiene un problema propio"},
    {UPD047, "UPD047: O disco do servidor está cheio",
	"UPD047: El disco del servidor está lleno"},

    {UPD048, "UPD048: O endereço não pode ser usado",
	"UPD048: La dirección no se puede usar"},
    {UPD049, "UPD049: Uma atualização desta pasta não terminou",
	"UPD049: Una actualización de esta carpeta no ha terminado"},
    {UPD050, "UPD050: A pasta foi mantida por um erpsync mais novo",
	"UPD050: La carpeta fue mantenida por un erpsync más nuevo"},
    {UPD051, "UPD051: A conexão com o servidor não é segura",
	"UPD051: La conexión con el servidor no es segura"},
    {DO051,
	"DO051: Pergunte ao administrador do servidor; erpsync(1) diz em "
	"SEGURANÇA o que pode ser definido.",
	"DO051: Pregunte al administrador del servidor; erpsync(1) dice en "
	"SECURITY qué se puede definir."},
    {UPD052, "UPD052: Um limite deste sistema foi atingido",
	"UPD052: Se alcanzó un límite de este sistema"},
    {UPD060, "UPD060: A versão não tem um selo em que esta estação confie",
	"UPD060: La versión no tiene un sello en el que esta estación "
	"confíe"},
    {UPD061,
	"UPD061: O servidor oferece uma versão mais antiga que outra já "
	"vista",
	"UPD061: El servidor ofrece una versión más antigua que otra ya "
	"vista"},
    {UPD062, "UPD062: O selo da versão expirou",
	"UPD062: El sello de la versión ha caducado"},
    {UPD063, "UPD063: O servidor envia mais do que foi selado",
	"UPD063: El servidor envía más de lo que fue sellado"},
    {UPD064, "UPD064: O selo é de outra versão",
	"UPD064: El sello es de otra versión"},
    {UPD065, "UPD065: O selo está adiantado demais para ser verdadeiro",
	"UPD065: El sello está demasiado adelantado para ser verdadero"},
    {UPD066, "UPD066: O selo é de outro software",
	"UPD066: El sello es de otro software"},
    {DO060,
	"DO060: Nada foi alterado. Avise o administrador: o servidor, ou "
	"alguém no caminho até ele, oferece o que não deve ser "
	"instalado.",
	"DO060: No se cambió nada. Avise al administrador: el servidor, "
	"o alguien en el camino hasta él, ofrece lo que no se debe "
	"instalar."},
    {DO062,
	"DO062: Nada foi alterado. Verifique o relógio desta máquina; se "
	"estiver certo, o administrador precisa selar a versão de novo.",
	"DO062: No se cambió nada. Revise el reloj de esta máquina; si "
	"está bien, el administrador debe sellar la versión de nuevo."},
    {DO065,
	"DO065: Nada foi alterado. Verifique o relógio desta máquina; se "
	"estiver certo, avise o administrador: números de série "
	"adiantados exigem uma chave nova.",
	"DO065: No se cambió nada. Revise el reloj de esta máquina; si "
	"está bien, avise al administrador: los números de serie "
	"adelantados exigen una clave nueva."},
    {DO049,
	"DO049: Espere que termine; se nenhuma estiver em andamento, execute "
	"'erpsync recover'.",
	"DO049: Espere a que termine; si no hay ninguna en curso, ejecute "
	"'erpsync recover'."},
    {DO050,
	"DO050: Use essa versão do erpsync, ou uma mais nova, para esta pasta.",
	"DO050: Use esa versión de erpsync, o una más nueva, para esta "
	"carpeta."},
    {DO048,
	"DO048: Encerre o que o usa, ou indique outro endereço ou porta: "
	"--listen, ou Listen= e Port= em [ErpSync].",
	"DO048: Termine lo que la usa, o indique otra dirección o puerto: "
	"--listen, o Listen= y Port= en [ErpSync]."},

    {RUN101, "RUN101: O programa não existe", "RUN101: El programa no existe"},
    {RUN102, "RUN102: O arquivo do programa não pode ser executado",
	"RUN102: El archivo del programa no se puede ejecutar"},
    {RUN103,
	"RUN103: Nenhum programa pode ser iniciado deste sistema de arquivos "
	"(noexec)",
	"RUN103: Ningún programa puede iniciarse desde este sistema de "
	"archivos (noexec)"},
    {RUN104, "RUN104: O programa não é para esta máquina ou sistema",
	"RUN104: El programa no es para esta máquina o sistema"},
    {RUN105, "RUN105: O interpretador que o programa pede não inicia",
	"RUN105: El intérprete que el programa pide no se inicia"},
    {RUN106, "RUN106: Isto não é um programa",
	"RUN106: Esto no es un programa"},
    {DO101,
	"DO101: Verifique o nome: sem pasta, ele é procurado no PATH; "
	"./NOME, na pasta do cliente.",
	"DO101: Verifique el nombre: sin carpeta, se busca en el PATH; "
	"./NOMBRE, en la carpeta del cliente."},
    {DO102,
	"DO102: Dê ao arquivo o direito de execução (chmod +x), também na "
	"pasta de atualização do servidor.",
	"DO102: Dé al archivo el derecho de ejecución (chmod +x), también en "
	"la carpeta de actualización del servidor."},
    {DO103,
	"DO103: Monte-o sem noexec, ou ponha a pasta do cliente em outro "
	"disco.",
	"DO103: Móntelo sin noexec, o ponga la carpeta del cliente en otro "
	"disco."},
    {DO104,
	"DO104: Verifique --os e a pasta de atualização do servidor para este "
	"sistema.",
	"DO104: Verifique --os y la carpeta de actualización del servidor "
	"para este sistema."},
    {DO105,
	"DO105: Instale-o, ou corrija a primeira linha do arquivo do "
	"programa.",
	"DO105: Instálelo, o corrija la primera línea del archivo del "
	"programa."},
    {DO106,
	"DO106: Indique um programa; um script começa com #! e o seu "
	"interpretador.",
	"DO106: Indique un programa; un script comienza con #! y su "
	"intérprete."},

    {ADM010, "ADM010: Nenhuma versão foi publicada ainda.",
	"ADM010: Todavía no se publicó ninguna versión."},
    /* system, number, id */
    {ADM011,
	"ADM011: %s: a versão %" PRIu64
	" (%s) está retida: as estações ficam com o que têm até que ela seja "
	"liberada ou outra seja publicada.",
	"ADM011: %s: la versión %" PRIu64
	" (%s) está retenida: las estaciones se quedan con lo que tienen hasta "
	"que se libere o se publique otra."},
    {ADM012,
	"ADM012: %s: a versão %" PRIu64
	" (%s) está retida; ela não é a atual, e não será publicada de novo.",
	"ADM012: %s: la versión %" PRIu64
	" (%s) está retenida; no es la actual, y no se publicará de nuevo."},
    {ADM013,
	"ADM013: %s: a versão %" PRIu64
	" (%s) foi liberada: as estações a recebem.",
	"ADM013: %s: la versión %" PRIu64
	" (%s) fue liberada: las estaciones la reciben."},
    {ADM014,
	"ADM014: %s: a versão %" PRIu64 " (%s) foi liberada; não é a atual.",
	"ADM014: %s: la versión %" PRIu64
	" (%s) fue liberada; no es la actual."},
    {ADM015,
	"ADM015: %s: a versão %" PRIu64
	" (%s) é a atual agora; as estações a recebem.",
	"ADM015: %s: la versión %" PRIu64
	" (%s) es la actual ahora; las estaciones la reciben."},

    {CLI001, "CLI001: Nada a recuperar.", "CLI001: Nada que recuperar."},
    {CLI002, "CLI002: A versão anterior está no lugar.",
	"CLI002: La versión anterior está en su lugar."},
    {CLI003, "CLI003: A nova versão está no lugar.",
	"CLI003: La nueva versión está en su lugar."},
    {CLI004, "CLI004: A cópia de segurança mais recente foi restaurada.",
	"CLI004: Se restauró la copia de seguridad más reciente."},
    /* number */
    {CLI005, "CLI005: A cópia de segurança bkp_remote.%03d foi restaurada.",
	"CLI005: Se restauró la copia de seguridad bkp_remote.%03d."},
    /* file */
    {CLI050, "CLI050: Senha de %s: ", "CLI050: Contraseña de %s: "},
    {CLI051, "CLI051: Mais uma vez, a senha de %s: ",
	"CLI051: Otra vez, la contraseña de %s: "},
    {CLI052, "CLI052: Selado: versão %s.", "CLI052: Sellado: versión %s."},
    {CLI053,
	"CLI053: A chave %s foi criada. Mantenha o .key secreto e uma cópia "
	"dele em lugar seguro; as estações recebem o .pub.",
	"CLI053: Se creó la clave %s. Mantenga el .key en secreto y una copia "
	"en lugar seguro; las estaciones reciben el .pub."},
    {CLI054, "CLI054: Nenhum selo é exigido: a pasta não tem chaves.",
	"CLI054: No se exige ningún sello: la carpeta no tiene claves."},
    /* key, serial number, product */
    {CLI055,
	"CLI055: Sua versão está selada com a chave %s (número de série "
	"%" PRIu64 ", produto %s).",
	"CLI055: Su versión está sellada con la clave %s (número de serie "
	"%" PRIu64 ", producto %s)."},
    {CLI006, "CLI006: A pasta tem todo o conteúdo da sua versão publicada.",
	"CLI006: La carpeta tiene todo el contenido de su versión publicada."},
    /* count */
    {CLI007, "CLI007: Diferenças em relação à versão publicada: %d.",
	"CLI007: Diferencias con la versión publicada: %d."},
    /* sentence */
    {CLI009, "CLI009: O que fazer: %s", "CLI009: Qué hacer: %s"},
    {CLI010, "CLI010: Aviso: %s", "CLI010: Aviso: %s"},
    {CLI011, "CLI011: Não há cópia de segurança nesta pasta.",
	"CLI011: No hay copia de seguridad en esta carpeta."},
    /* file */
    {CLI014,
	"CLI014: Aviso: HealthCheck de %s ignorado, pois uma versão publicada "
	"pode ter trazido o arquivo; coloque-o em .erpsync/station.ini",
	"CLI014: Aviso: se ignora HealthCheck de %s, pues una versión "
	"publicada puede haber traído el archivo; póngalo en "
	".erpsync/station.ini"},
    /* count */
    {CLI012, "CLI012: Cópias de segurança com defeito: %d.",
	"CLI012: Copias de seguridad con defectos: %d."},
    {CLI016,
	"CLI016: A pasta tem os arquivos de %s, não de %s: use --os %s, ou "
	"corrija Os= no arquivo INI dela, ou --force para torná-la de outro "
	"sistema",
	"CLI016: La carpeta tiene los archivos de %s, no de %s: use --os %s, o "
	"corrija Os= en su archivo INI, o --force para hacerla de otro "
	"sistema"},
    {CLI017, "CLI017: Aviso: %s não é lido, pois também existe %s",
	"CLI017: Aviso: no se lee %s, pues también existe %s"},
    /* command */
    {CLI040, "CLI040: 'erpsync %s --help' mostra o que se pode pedir.",
	"CLI040: 'erpsync %s --help' muestra lo que se puede pedir."},
    {CLI015, "CLI015: Não foi possível verificar o Remote",
	"CLI015: No fue posible verificar el Remote"},
    /* why */
    {CLI030, "CLI030: Este usuário não mantém esta pasta atualizada: %s",
	"CLI030: Este usuario no mantiene actualizada esta carpeta: %s"},
    /* who */
    {CLI031, "CLI031: O programa inicia como está, a atualização continua: %s",
	"CLI031: El programa se inicia como está, la actualización sigue: %s"},
    /* why */
    {CLI032, "CLI032: Não há lugar para atualizar esta pasta: %s",
	"CLI032: No hay lugar para actualizar esta carpeta: %s"},
    {CLI033, "CLI033: A versão deixada só é instalada de novo com --force.",
	"CLI033: La versión dejada solo se instala de nuevo con --force."},
    {CLI056,
	"CLI056: A cópia de segurança da última atualização ainda espera o seu "
	"número, e nenhuma volta é feita antes que o tenha; cada início tenta "
	"de novo e diz o que a impede.",
	"CLI056: La copia de seguridad de la última actualización aún espera "
	"su número, y no se vuelve atrás antes de que lo tenga; cada inicio lo "
	"intenta de nuevo y dice qué lo impide."},
    {CLI057,
	"CLI057: As cópias de segurança com registro estão como foram feitas; "
	"das que outro programa fez nada se pode dizer.",
	"CLI057: Las copias de seguridad con registro están como se hicieron; "
	"de las que hizo otro programa nada se puede decir."},
    {CLI058,
	"CLI058: %s: a pasta é olhada duas vezes, com tantos segundos entre "
	"uma "
	"e outra (Settle): %u",
	"CLI058: %s: la carpeta se mira dos veces, con tantos segundos entre "
	"una "
	"y otra (Settle): %u"},
    {CLI059,
	"CLI059: A pasta tem todo o conteúdo da sua versão publicada, exceto o "
	"que Exclude deixa como está.",
	"CLI059: La carpeta tiene todo el contenido de su versión publicada, "
	"salvo lo que Exclude deja como está."},
    {CLI013, "CLI013: Todas as cópias de segurança estão como foram feitas.",
	"CLI013: Todas las copias de seguridad están como se hicieron."},
    {.key = NULL},
};

const struct message *
messages_catalogue(size_t part)
{
	static const struct message *const parts[] = {catalogue,
	    messages_of_advice, messages_of_reports, messages_of_doctor};

	return part < sizeof(parts) / sizeof(parts[0]) ? parts[part] : NULL;
}
