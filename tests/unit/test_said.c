/* What is told of a failure is what is kept of it. */
#include "cli/said.h"

#include "engine/base/err.h"

#include <criterion/criterion.h>
#include <criterion/redirect.h>
#include <string.h>

Test(said, a_failure_is_told_and_kept, .init = cr_redirect_stderr)
{
	struct said s;
	struct err e;

	memset(&s, 0, sizeof(s));
	(void)err_set(&e, ERP_CANCELLED, "interrupted");
	said_failure(&s, LANG_EN, K2, &e);
	cr_expect_str_eq(
	    s.first, "The Remote could not be updated automatically");
	cr_expect_str_eq(s.what, "UPD037: Stopped on request: interrupted");
	cr_expect_str_eq(s.act, "Start it again when it suits.");
	said_advice(&s, LANG_PT, NULL, (struct advice){RUN101, DO101}, "a.exe");
	cr_expect_str_eq(s.first, "");
	cr_expect_str_eq(s.what, "RUN101: O programa não existe: a.exe");
	(void)fflush(stderr);
	cr_assert_stderr_eq_str(
	    "The Remote could not be updated automatically\n"
	    "UPD037: Stopped on request: interrupted\n"
	    "What to do: Start it again when it suits.\n"
	    "RUN101: O programa não existe: a.exe\n"
	    "O que fazer: Verifique o nome: sem pasta, ele é procurado no "
	    "PATH; ./NOME, na pasta do cliente.\n");
}

/* What the heading has is not said again. */
Test(said, a_detail_that_adds_nothing_is_left_out, .init = cr_redirect_stderr)
{
	struct said s;
	struct err e;

	memset(&s, 0, sizeof(s));
	(void)err_set(&e, ERP_CANCELLED, "stopped on request");
	said_failure(&s, LANG_PT, NULL, &e);
	cr_expect_str_eq(s.what, "UPD037: Interrompido a pedido");
	said_advice(&s, LANG_EN, NULL, (struct advice){UPD037, DO037}, e.msg);
	cr_expect_str_eq(s.what, "UPD037: Stopped on request");
}

/* In each language, and once. */
Test(said, what_a_failure_itself_tells_to_do, .init = cr_redirect_stderr)
{
	static const struct {
		enum lang lang;
		const char *what, *act;
	} rows[] = {
	    {LANG_EN,
		"UPD043: Something is in the way of the update: /erp: this "
		"disk has no locks, so that two updates could meet",
		"If it is NFS, start its lock service (rpc.statd) or mount it "
		"with local_lock=all."},
	    {LANG_PT,
		"UPD043: Algo está no caminho da atualização: /erp: este disco "
		"não tem travas, e duas atualizações poderiam se cruzar",
		"Se for NFS, inicie o serviço de travas (rpc.statd) ou monte-o "
		"com local_lock=all."},
	    {LANG_ES,
		"UPD043: Algo está en el camino de la actualización: /erp: "
		"este disco no tiene bloqueos, y dos actualizaciones podrían "
		"cruzarse",
		"Si es NFS, inicie su servicio de bloqueos (rpc.statd) o "
		"móntelo con local_lock=all."}};
	struct said s;
	struct err e;
	size_t i;

	(void)err_path(&e, ERP_BLOCKED, "/erp",
	    "this disk has no locks, so that two updates could meet; if it is "
	    "NFS, start its lock service (rpc.statd) or mount it with "
	    "local_lock=all");
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		said_failure(&s, rows[i].lang, NULL, &e);
		cr_expect_str_eq(s.what, rows[i].what);
		cr_expect_str_eq(s.act, rows[i].act);
	}
	(void)err_path(&e, ERP_BLOCKED, "/erp", "is in the way");
	said_failure(&s, LANG_EN, NULL, &e);
	cr_expect_str_eq(
	    s.act, "Move it out of the client folder and try again.");
}
