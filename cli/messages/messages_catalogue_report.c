/*
 * The translations of what reports, the list of backups, the progress and the
 * window say; the other half of messages_catalogue.c.
 */
#include "cli/messages/messages_catalogue_internal.h"

const struct message messages_of_reports[] = {
    {REP001, "REP001: Relatório da atualização",
	"REP001: Informe de la actualización"},
    {REP002, "REP002: Verificação da atualização (nada foi alterado)",
	"REP002: Verificación de la actualización (no se cambió nada)"},
    {REP003, "REP003: Servidor", "REP003: Servidor"},
    {REP004, "REP004: Publicação", "REP004: Publicación"},
    {REP005, "REP005: Versões", "REP005: Versiones"},
    {REP006, "REP006: Resposta", "REP006: Respuesta"},
    {REP007, "REP007: desconhecida", "REP007: desconocida"},
    {REP010, "REP010: compatível", "REP010: compatible"},
    {REP011, "REP011: incompatível, é preciso atualizar",
	"REP011: incompatible, es necesario actualizar"},
    {REP012, "REP012: atualização automática desabilitada no servidor",
	"REP012: actualización automática deshabilitada en el servidor"},
    {REP013, "REP013: não há pacote para este sistema operacional",
	"REP013: no hay paquete para este sistema operativo"},
    {REP020, "REP020: ação", "REP020: acción"},
    {REP021, "REP021: motivo", "REP021: motivo"},
    {REP022, "REP022: tamanho", "REP022: tamaño"},
    {REP023, "REP023: enviados", "REP023: enviados"},
    {REP024, "REP024: recebidos", "REP024: recibidos"},
    {REP025, "REP025: como", "REP025: como"},
    {REP026, "REP026: arquivo", "REP026: archivo"},
    {REP027, "REP027: Soma dos arquivos", "REP027: Suma de los archivos"},
    {REP028, "REP028: Protocolo e lista de arquivos",
	"REP028: Protocolo y lista de archivos"},
    {REP029, "REP029: No total", "REP029: En total"},
    {REP030, "REP030: igual", "REP030: igual"},
    {REP031, "REP031: novo", "REP031: nuevo"},
    {REP032, "REP032: alterado", "REP032: cambiado"},
    {REP033, "REP033: atributos", "REP033: atributos"},
    {REP034, "REP034: excluir", "REP034: eliminar"},
    {REP035, "REP035: só aqui", "REP035: solo aquí"},
    {REP040, "REP040: tamanho", "REP040: tamaño"},
    {REP041, "REP041: horário", "REP041: hora"},
    {REP042, "REP042: conteúdo", "REP042: contenido"},
    {REP043, "REP043: executável", "REP043: ejecutable"},
    {REP044, "REP044: tipo", "REP044: tipo"},
    {REP045, "REP045: destino do link", "REP045: destino del enlace"},
    /* new, changed, attributes, delete, same, extra */
    {REP050,
	"REP050: Novos: %zu. Alterados: %zu. Só atributos: %zu. A excluir: "
	"%zu. Iguais: %zu. Só na estação (ficam como estão): %zu.",
	"REP050: Nuevos: %zu. Cambiados: %zu. Solo atributos: %zu. A "
	"eliminar: %zu. Iguales: %zu. Solo en la estación (quedan como "
	"están): %zu."},
    /* content, sent, received */
    {REP051,
	"REP051: Conteúdo dos arquivos novos e alterados: %s. Na rede: %s "
	"enviados, %s recebidos.",
	"REP051: Contenido de los archivos nuevos y cambiados: %s. En la red: "
	"%s enviados, %s recibidos."},
    {REP060, "REP060: Conclusão: nada a atualizar.",
	"REP060: Conclusión: nada que actualizar."},
    /* entries, bytes */
    {REP061, "REP061: Conclusão: itens a alterar: %zu; a transferir: %s.",
	"REP061: Conclusión: elementos a cambiar: %zu; a transferir: %s."},
    {REP062, "REP062: Conclusão: itens alterados: %zu; transferidos: %s.",
	"REP062: Conclusión: elementos cambiados: %zu; transferidos: %s."},
    /* verdict */
    {REP063, "REP063: Conclusão: este servidor não oferece atualização: %s.",
	"REP063: Conclusión: este servidor no ofrece actualización: %s."},
    {REP064, "REP064: %" PRIu64 " bytes", "REP064: %" PRIu64 " bytes"},
    {REP065, "REP065: Uma atualização seria recusada.",
	"REP065: Una actualización sería rechazada."},
    /* count */
    {REP066, "REP066: Só o horário difere: mais %zu (--all os lista).",
	"REP066: Solo difiere la hora: %zu más (--all los lista)."},

    {HIS001, "HIS001: cópia", "HIS001: copia"},
    {HIS002, "HIS002: feita em", "HIS002: hecha el"},
    {HIS003, "HIS003: arquivos", "HIS003: archivos"},
    {HIS005, "HIS005: de", "HIS005: de"},
    {HIS006, "HIS006: para", "HIS006: a"},
    {HIS007, "HIS007: íntegra", "HIS007: íntegra"},
    {HIS008, "HIS008: sim", "HIS008: sí"},
    {HIS009, "HIS009: não", "HIS009: no"},
    {HIS010, "HIS010: feita por outro programa, conteúdo não registrado",
	"HIS010: hecha por otro programa, contenido no registrado"},

    {TST001, "TST001: O que as atualizações exigem, testado em %s:",
	"TST001: Lo que exigen las actualizaciones, probado en %s:"},
    {TST002, "TST002: ok", "TST002: ok"},
    {TST003, "TST003: outro modo", "TST003: otro modo"},
    {TST004, "TST004: sem teste", "TST004: sin prueba"},
    {TST005, "TST005: FALHOU", "TST005: FALLÓ"},
    {TST006, "TST006: Tudo certo: %u itens testados.",
	"TST006: Todo en orden: %u elementos probados."},
    {TST007,
	"TST007: Nem tudo está certo (%d); nenhuma pasta deste disco deve ser "
	"atualizada.",
	"TST007: No todo está en orden (%d); ninguna carpeta de este disco "
	"debe actualizarse."},

    {PRO001, "PRO001: Verificando arquivos", "PRO001: Verificando archivos"},
    {PRO002, "PRO002: Baixando", "PRO002: Descargando"},
    {PRO003, "PRO003: Copiando (segurança)", "PRO003: Copiando (seguridad)"},
    {PRO004, "PRO004: Aplicando", "PRO004: Aplicando"},
    /* time */
    {PRO005, "PRO005: restam %s", "PRO005: faltan %s"},
    /* reason */
    {PRO006, "PRO006: Baixando de novo: %s",
	"PRO006: Descargando de nuevo: %s"},
    {PRO007, "PRO007: Há uma atualização.", "PRO007: Hay una actualización."},

    {WIN001, "WIN001: Atualização do Smart Client",
	"WIN001: Actualización de Smart Client"},
    {WIN002, "WIN002: Conectando ao servidor...",
	"WIN002: Conectando con el servidor..."},
    {WIN003, "WIN003: Baixando arquivos...", "WIN003: Descargando archivos..."},
    {WIN004, "WIN004: Criando a cópia de segurança...",
	"WIN004: Creando la copia de seguridad..."},
    {WIN005, "WIN005: Atualização concluída.",
	"WIN005: Actualización concluida."},
    {WIN006, "WIN006: Cancelando...", "WIN006: Cancelando..."},
    /* bytes received, in all */
    {WIN007, "WIN007: %s de %s", "WIN007: %s de %s"},
    {WIN008, "WIN008: Tempo restante: %s", "WIN008: Tiempo restante: %s"},
    /* its number, files in all */
    {WIN009, "WIN009: Arquivo %s de %s", "WIN009: Archivo %s de %s"},
    {WIN010, "WIN010: Arquivos verificados: %s",
	"WIN010: Archivos verificados: %s"},
    {WIN020,
	"WIN020: Ao cancelar, a versão atual continua inteira; um download "
	"grande continua depois de onde parou.",
	"WIN020: Si cancela, la versión actual queda intacta; una descarga "
	"grande sigue después desde donde quedó."},
    {WIN021,
	"WIN021: Os arquivos estão sendo trocados; isso termina em instantes "
	"e não pode ser cancelado.",
	"WIN021: Se están cambiando los archivos; esto termina en instantes y "
	"no se puede cancelar."},
    {WIN022, "WIN022: Esperando até que seja seguro parar.",
	"WIN022: Esperando hasta que sea seguro parar."},
    {WIN030,
	"WIN030: Sim: a versão do servidor é instalada, com cópia de "
	"segurança da atual.\nNão: a sessão é encerrada e nada é alterado.",
	"WIN030: Sí: se instala la versión del servidor, con copia de "
	"seguridad de la actual.\nNo: la sesión termina y no se cambia nada."},
    {WIN040, "WIN040: O programa inicia na versão que está na pasta.",
	"WIN040: El programa se inicia en la versión que está en la carpeta."},
    {WIN041, "WIN041: Programa: erpsync %s", "WIN041: Programa: erpsync %s"},
    {WIN042, "WIN042: Estação: %s", "WIN042: Estación: %s"},
    {WIN043, "WIN043: Pasta: %s", "WIN043: Carpeta: %s"},
    {WIN044, "WIN044: Servidor: %s", "WIN044: Servidor: %s"},
    {WIN045, "WIN045: Código de saída: %d", "WIN045: Código de salida: %d"},
    {WIN046, "WIN046: Horário: %s", "WIN046: Hora: %s"},
    {WIN047, "WIN047: Não há como mostrar uma janela; aqui fica em seu lugar.",
	"WIN047: No se puede mostrar una ventana; aquí queda en su lugar."},
    {WIN060, "WIN060: &Sim", "WIN060: &Sí"},
    {WIN061, "WIN061: &Não", "WIN061: &No"},
    {WIN062, "WIN062: &Cancelar", "WIN062: &Cancelar"},
    {WIN063, "WIN063: &Detalhes", "WIN063: &Detalles"},
    {WIN064, "WIN064: C&opiar", "WIN064: C&opiar"},
    {WIN065, "WIN065: &Fechar", "WIN065: &Cerrar"},
    {.key = NULL},
};
