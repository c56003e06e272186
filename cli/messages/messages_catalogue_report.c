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
    {.key = NULL},
};
