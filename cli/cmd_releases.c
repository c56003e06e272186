/*
 * erpsync releases, hold and release: what a server keeps, and which of it
 * stations get.  By the library, beside the server that may run; here are the
 * words.
 */
#include "cli/cmd.h"

#include "cli/beside.h"
#include "cli/fault.h"
#include "cli/messages/messages.h"
#include "cli/report/report_releases.h"
#include "cli/streams.h"
#include "engine/base/err.h"
#include "transport/api/erpsync_server.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct list_options {
	struct beside_options kept; /* first */
	int format; /* enum releases_format */
};

static const struct opt_row list_rows[] = {
    {0, "format", "text|json|csv", "the list's form", opt_choice,
	.offset = offsetof(struct list_options, format)},
    {.name = NULL},
};

static const struct opt_command releases_command = {"releases", "",
    "List the releases that a server keeps.",
    {{beside_rows, 0}, {list_rows, 0},
	{opt_common, offsetof(struct beside_options, speech)}},
    false, ""};

static const struct opt_command hold_command = {"hold", "[RELEASE]",
    "Hold a release back, the current one if none is named: stations keep "
    "what they have.",
    {{beside_rows, 0}, {opt_common, offsetof(struct beside_options, speech)}},
    false, ""};

static const struct opt_command release_command = {"release", "[RELEASE]",
    "Let a release go that was held, the current one if none is named.",
    {{beside_rows, 0}, {opt_common, offsetof(struct beside_options, speech)}},
    false, ""};

/* What is kept of all systems. */
struct all_kept {
	struct erpsync_kept_list lists[ERPSYNC_SYSTEMS];
	struct releases_item *v;
	size_t n;
};

static int
collect(struct all_kept *all, const struct beside_options *opt,
    struct erpsync_error *e)
{
	size_t i, n = 0;
	int os, rc;

	for (os = 0; os < PATH_OS_N; os++) {
		if (opt->os >= 0 && opt->os != os)
			continue;
		if ((rc = erpsync_releases(opt->state, (enum erpsync_os)os,
			 &all->lists[os], e)) != 0)
			return rc;
		n += all->lists[os].n;
	}
	if ((all->v = calloc(n + 1, sizeof(*all->v))) == NULL) {
		struct err why;

		(void)err_nomem(&why);
		return fault_give(e, &why);
	}
	for (os = 0; os < PATH_OS_N; os++)
		for (i = 0; i < all->lists[os].n; i++)
			all->v[all->n++] = (struct releases_item){
			    path_os_name((enum path_os)os),
			    &all->lists[os].v[i]};
	return 0;
}

static int
show(const struct list_options *opt)
{
	enum lang lang = opt->kept.speech.lang;
	const struct releases_form form = {
	    (enum releases_format)opt->format, lang, streams_columns(stdout)};
	struct all_kept all;
	struct erpsync_error error;
	struct err e;
	int os, code = EXIT_OK;

	memset(&all, 0, sizeof(all));
	if (collect(&all, &opt->kept, &error) != 0) {
		code = beside_failed(lang, &error);
	} else if (all.n == 0 && opt->format == RELEASES_TEXT) {
		if (!opt->kept.speech.quiet)
			messages_print(stdout, lang, ADM010);
	} else if (releases_write(stdout, &form, all.v, all.n, &e) != 0 &&
	    streams_flush() != EPIPE) {
		messages_plain(stderr, lang, &e);
		code = failure_exit(e.code);
	}
	for (os = 0; os < PATH_OS_N; os++)
		erpsync_releases_free(&all.lists[os]);
	free(all.v);
	return code;
}

int
cmd_releases(int argc, char **argv)
{
	struct list_options opt;
	struct server_config c;
	struct opt o;
	int code;

	opt_begin(&o, &releases_command, argc, argv);
	memset(&opt, 0, sizeof(opt));
	if (beside_parse(&opt.kept, &opt, &o, 0) == OPT_STOP)
		return o.exit_code;
	if ((code = beside_load(&opt.kept, false, &c)) != EXIT_OK)
		return code;
	code = show(&opt);
	server_config_release(&c);
	return code;
}

/* What it means for stations. */
static void
say_held(enum lang lang, int os, const struct erpsync_kept *k)
{
	const char *system = path_os_name((enum path_os)os);
	char id[BESIDE_ID_SHOWN + 1];

	beside_id(id, k);
	if (k->held && k->current)
		messages_print(stdout, lang, ADM011, system, k->number, id);
	else if (k->held)
		messages_print(stdout, lang, ADM012, system, k->number, id);
	else if (k->current)
		messages_print(stdout, lang, ADM013, system, k->number, id);
	else
		messages_print(stdout, lang, ADM014, system, k->number, id);
}

static int
set_held(const struct beside_options *opt, int os, const char *which, bool held)
{
	enum lang lang = opt->speech.lang;
	struct erpsync_error error;
	struct erpsync_kept k;

	if (erpsync_hold(
		opt->state, (enum erpsync_os)os, which, held, &k, &error) != 0)
		return beside_failed(lang, &error);
	if (!opt->speech.quiet)
		say_held(lang, os, &k);
	return EXIT_OK;
}

static int
hold(const struct opt_command *command, int argc, char **argv, bool held)
{
	struct beside_options opt;
	struct server_config c;
	const char *which;
	struct opt o;
	int code, os;

	opt_begin(&o, command, argc, argv);
	memset(&opt, 0, sizeof(opt));
	if (beside_parse(&opt, &opt, &o, 1) == OPT_STOP)
		return o.exit_code;
	if ((code = beside_load(&opt, true, &c)) != EXIT_OK)
		return code;
	which = o.first < argc ? argv[o.first] : NULL;
	os = beside_system(&c, opt.os, &o);
	code = os < 0 ? o.exit_code : set_held(&opt, os, which, held);
	server_config_release(&c);
	return code;
}

int
cmd_hold(int argc, char **argv)
{
	return hold(&hold_command, argc, argv, true);
}

int
cmd_release(int argc, char **argv)
{
	return hold(&release_command, argc, argv, false);
}
