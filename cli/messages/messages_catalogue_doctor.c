/*
 * The translations of what the doctor says (cli/doctor); a part of
 * messages_catalogue.c, as messages_catalogue_report.c is.
 */
#include "cli/messages/messages_catalogue_internal.h"

const struct message messages_of_doctor[] = {
    {DOC001,
	"DOC001: O que se encontrou em %s (erpsync %s, usuário %s em %s, %s):",
	"DOC001: Lo que se encontró en %s (erpsync %s, usuario %s en %s, %s):"},
    {DOC002, "DOC002: aviso", "DOC002: aviso"},
    {DOC003, "DOC003: Nada está errado. Itens certos: %u; avisos: %u.",
	"DOC003: Nada está mal. Elementos correctos: %u; avisos: %u."},
    {DOC004,
	"DOC004: Itens errados: %u; o que fazer está abaixo de cada um. "
	"Certos: %u; avisos: %u.",
	"DOC004: Elementos incorrectos: %u; qué hacer está debajo de cada "
	"uno. Correctos: %u; avisos: %u."},
    {DOC010, "DOC010: pasta do cliente", "DOC010: carpeta del cliente"},
    {DOC011, "DOC011: direito de gravar", "DOC011: derecho a escribir"},
    {DOC012, "DOC012: configuração", "DOC012: configuración"},
    {DOC014, "DOC014: endereço do servidor", "DOC014: dirección del servidor"},
    {DOC015, "DOC015: relógio", "DOC015: reloj"},
    {DOC016, "DOC016: selos", "DOC016: sellos"},
    {DOC017, "DOC017: espaço no disco", "DOC017: espacio en el disco"},
    {DOC018, "DOC018: cópias de segurança", "DOC018: copias de seguridad"},
    {DOC019, "DOC019: resposta do servidor", "DOC019: respuesta del servidor"},
    {DOC020, "DOC020: atualização agora", "DOC020: actualización ahora"},
    {DOC031, "DOC031: pasta de estado", "DOC031: carpeta de estado"},
    {DOC032, "DOC032: pasta de atualização", "DOC032: carpeta de publicación"},
    {DOC033, "DOC033: endereço e porta", "DOC033: dirección y puerto"},
    {DOC034, "DOC034: chave de TLS", "DOC034: clave de TLS"},
    {DOC050, "DOC050: o erpsync ainda não instalou nenhuma versão",
	"DOC050: erpsync aún no instaló ninguna versión"},
    {DOC051, "DOC051: build %s, instalada em %s",
	"DOC051: build %s, instalada el %s"},
    {DOC052, "DOC052: este disco não o informa",
	"DOC052: este disco no lo informa"},
    {DOC053, "DOC053: %s livres", "DOC053: %s libres"},
    {DOC054, "DOC054: O relógio desta máquina está errado",
	"DOC054: El reloj de esta máquina está mal"},
    {DOC055, "DOC055: arquivos e pastas a alterar: %zu",
	"DOC055: archivos y carpetas por cambiar: %zu"},
    {DOC056, "DOC056: build %s, %s", "DOC056: build %s, %s"},
    {DOC057, "DOC057: só depois de resolver o que está dito acima",
	"DOC057: solo después de resolver lo dicho arriba"},
    {DOC058, "DOC058: o que ele serve é o que %s tem",
	"DOC058: lo que sirve es lo que tiene %s"},
    {DOC059, "DOC059: as estações devem mostrar um certificado (ClientCA)",
	"DOC059: las estaciones deben mostrar un certificado (ClientCA)"},
    {DOC060, "DOC060: %s=%s, arquivos: %" PRIu64 ", %s",
	"DOC060: %s=%s, archivos: %" PRIu64 ", %s"},
    {DOC061, "DOC061: %s", "DOC061: %s"},
    {DOC062, "DOC062: %s; é criada na primeira partida",
	"DOC062: %s; se crea en el primer arranque"},
    {DOC063, "DOC063: a própria, na pasta de estado",
	"DOC063: la propia, en la carpeta de estado"},
    {DOC064,
	"DOC064: este programa não pode perguntar; pergunte de uma estação",
	"DOC064: este programa no puede preguntar; pregunte desde una "
	"estación"},
    {DO070,
	"DO070: Acerte o relógio desta máquina e faça com que se acerte "
	"sozinho.",
	"DO070: Ajuste el reloj de esta máquina y haga que se ajuste solo."},
    {DO071,
	"DO071: Uma cópia que não está como foi feita não pode ser trazida de "
	"volta: 'erpsync history' diz qual é; as próximas atualizações a "
	"substituem.",
	"DO071: Una copia que no está como se hizo no se puede recuperar: "
	"'erpsync history' dice cuál es; las próximas actualizaciones la "
	"sustituyen."},
    {DO072,
	"DO072: Veja o log do servidor; depois de mudar o INI, faça o "
	"servidor lê-lo (SIGHUP, ou systemctl reload erpsync-server).",
	"DO072: Vea el log del servidor; después de cambiar el INI, haga que "
	"el servidor lo lea (SIGHUP, o systemctl reload erpsync-server)."},
    {DO073, "DO073: Sele a pasta (erpsync seal) e ponha o selo ali.",
	"DO073: Selle la carpeta (erpsync seal) y ponga el sello allí."},
    {DO074,
	"DO074: Inicie o servidor: erpsync serve, ou systemctl start "
	"erpsync-server.",
	"DO074: Inicie el servidor: erpsync serve, o systemctl start "
	"erpsync-server."},
    {DO075,
	"DO075: Se outro programa tem esta porta, como o servidor do próprio "
	"ERP, dê ao erpsync uma só dele: Port= em [ErpSync]; senão, veja o "
	"log do servidor.",
	"DO075: Si otro programa tiene este puerto, como el servidor del "
	"propio ERP, dé a erpsync uno propio: Port= en [ErpSync]; si no, vea "
	"el log del servidor."},
    {.key = NULL},
};
