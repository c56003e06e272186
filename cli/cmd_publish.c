/*
 * erpsync publish: validate and publish the update folders once, by the
 * library; here are the configuration and the words.
 */
#include "cli/cmd.h"

#include "cli/beside.h"
#include "cli/config/config.h"
#include "cli/config/config_state.h"
#include "cli/fault.h"
#include "cli/messages/figures.h"
#include "cli/messages/messages.h"
#include "cli/opt.h"
#include "cli/sealing.h"
#include "engine/base/clock.h"
#include "engine/base/err.h"
#include "engine/base/hash.h"
#include "transport/api/erpsync.h"

#include <stdio.h>
#include <string.h>

enum { SHOWN_MAX = 2 * FIGURES_MAX + 16 };

/* Who waits longer than that is told why. */
enum { SETTLE_UNTOLD_MS = 10 * 1000 };

struct publish_options {
	const char *config;
	const char *state; /* NULL: the configuration's */
	bool compile;
	const char *from; /* a kept release, or NULL */
	int os; /* of it; -1: not said */
	struct sealing sealing;
	struct opt_speech speech;
};

static const struct opt_row publish_rows[] = {
    {0, "config", "FILE", "the server's AppServer.ini", opt_text,
	.offset = offsetof(struct publish_options, config)},
    {0, "state", "DIR", "the state folder, instead of [ErpSync] State",
	opt_text, .offset = offsetof(struct publish_options, state)},
    {0, "compile", NULL,
	"make the best deltas from all kept releases too, and wait for them",
	opt_flag, .offset = offsetof(struct publish_options, compile)},
    {0, "from", "RELEASE",
	"make this kept release current again, and hold the one that is",
	opt_text, .offset = offsetof(struct publish_options, from)},
    {0, "os", "windows|linux|macosx", "whose release it is", opt_choice,
	.offset = offsetof(struct publish_options, os)},
    {.name = NULL},
};

static const struct opt_command publish_command = {"publish", "",
    "Check the update folders of AppServer.ini and publish them once.",
    {{publish_rows, 0},
	{sealing_rows, offsetof(struct publish_options, sealing)},
	{opt_common, offsetof(struct publish_options, speech)}},
    false, ""};

/* Parse into out: OPT_END, or OPT_STOP with o->exit_code. */
static int
parse_options(struct publish_options *out, struct opt *o)
{
	memset(out, 0, sizeof(*out));
	out->os = -1;
	out->speech.lang = o->lang;
	if (opt_parse(o, out) == OPT_STOP || !opt_operands(o, 0, 0))
		return OPT_STOP;
	if (out->config == NULL) {
		(void)opt_usage(o, "--config is missing");
		return OPT_STOP;
	}
	if (out->os >= 0 && out->from == NULL) {
		(void)opt_usage(o, "--os is for --from");
		return OPT_STOP;
	}
	if (out->compile && out->from != NULL) {
		(void)opt_usage(o, "--from and --compile exclude each other");
		return OPT_STOP;
	}
	return OPT_END;
}

static void
print_warning(void *ctx, const struct erpsync_event *ev)
{
	const enum lang *lang = ctx;

	if (ev->kind == ERPSYNC_EVENT_WARN && ev->text != NULL)
		messages_warn(stderr, *lang, ev->text);
}

/* "1 byte", "1,234 bytes (1 KB)"; all of it is in English. */
static const char *
bytes_text(char out[SHOWN_MAX], uint64_t n)
{
	char exact[FIGURES_MAX], human[FIGURES_MAX];

	figures_count(exact, LANG_EN, n);
	figures_bytes(human, LANG_EN, n);
	(void)snprintf(out, SHOWN_MAX, "%s byte%s%s%s%s", exact,
	    n == 1 ? "" : "s", n < 1024 ? "" : " (", n < 1024 ? "" : human,
	    n < 1024 ? "" : ")");
	return out;
}

/* "1 file", "2 groups". */
static const char *
count_text(char out[SHOWN_MAX], size_t n, const char *what)
{
	char exact[FIGURES_MAX];

	figures_count(exact, LANG_EN, n);
	(void)snprintf(
	    out, SHOWN_MAX, "%s %s%s", exact, what, n == 1 ? "" : "s");
	return out;
}

static void
print_release(const char *os, const struct erpsync_release *release)
{
	char hex[HASH_HEX_LEN + 1], count[SHOWN_MAX], size[SHOWN_MAX];
	struct hash id;

	memcpy(id.b, release->id, sizeof(id.b));
	hash_hex(&id, hex);
	printf("%s: release %s, %s, %s\n", os, hex,
	    count_text(count, release->files, "file"),
	    bytes_text(size, release->bytes));
}

/* What is being compiled. */
struct compiling {
	const char *os;
	size_t groups, singles; /* so far */
	uint64_t bytes; /* of their contents */
};

static void
print_compiling(void *ctx, const struct erpsync_compiling *what)
{
	struct compiling *c = ctx;
	char text[SHOWN_MAX];

	if (what->group) {
		c->groups++;
		printf("%s: compiling group %zu, %s\n", c->os, what->number,
		    count_text(text, what->files, "file"));
	} else {
		c->singles++;
		printf("%s: compiling %zu of %zu, %s\n", c->os, what->number,
		    what->of, bytes_text(text, what->bytes));
	}
	c->bytes += what->bytes;
	(void)fflush(stdout);
}

/* Say that a system's release was not compiled; its code. */
static int
not_compiled(enum lang lang, const struct erpsync_error *error, const char *os)
{
	struct err e;

	(void)fault_take(&e, error);
	(void)err_context(&e, "%s: not all compiled", os);
	messages_plain(stderr, lang, &e);
	return e.code;
}

/* The same of its folder, in which nothing that cannot be is a setting. */
static int
not_published(const struct publish_options *opt,
    const struct erpsync_error *error, const char *os)
{
	bool has_key = opt->sealing.key != NULL;
	struct err e;

	(void)fault_take(&e, error);
	(void)err_context(&e, "%s: not published", os);
	if (e.code == ERP_USAGE && !has_key)
		messages_advice(stderr, opt->speech.lang,
		    (struct advice){UPD038, DO239}, e.msg);
	else
		messages_plain(stderr, opt->speech.lang, &e);
	return e.code;
}

/* Make all blobs that stations on kept releases will ask for. */
static int
compile_all(
    struct erpsync_store *s, enum path_os os, const struct opt_speech *speech)
{
	struct compiling c = {.os = path_os_name(os)};
	char groups[SHOWN_MAX], singles[SHOWN_MAX], size[SHOWN_MAX];
	const struct clock *clock = clock_real();
	uint64_t ms = clock_ms(clock);
	struct erpsync_error e;
	int rc;

	rc = erpsync_compile(s, (enum erpsync_os)os,
	    speech->quiet ? NULL : print_compiling, &c, &e);
	if (rc != 0)
		return not_compiled(speech->lang, &e, c.os);
	if (speech->quiet)
		return 0;
	printf("%s: all that takes time is compiled: %s of small files, %s of "
	       "large files, for %s of content, in %.1f s\n",
	    c.os, count_text(groups, c.groups, "group"),
	    count_text(singles, c.singles, "blob"), bytes_text(size, c.bytes),
	    (double)(clock_ms(clock) - ms) / 1000);
	return 0;
}

/* Publish the folder of one system: 0, or a code with its message printed. */
static int
publish_one(struct erpsync_store *s, const struct server_config *c,
    enum path_os os, struct publish_options *opt)
{
	const struct erpsync_observer obs = {print_warning, &opt->speech.lang};
	struct passphrase passphrase = {.lang = opt->speech.lang};
	const struct erpsync_sealing how =
	    sealing_of(&opt->sealing, &passphrase);
	struct erpsync_source source = config_source(c, os);
	struct erpsync_release release;
	struct erpsync_error e;

	if (how.key != NULL)
		source.sealing = &how;
	if (!opt->speech.quiet && c->settle_ms > SETTLE_UNTOLD_MS) {
		messages_print(stdout, opt->speech.lang, CLI058,
		    path_os_name(os), (unsigned)(c->settle_ms / 1000));
		(void)fflush(stdout);
	}
	if (erpsync_publish(s, &source, &obs, &release, &e) != 0)
		return not_published(opt, &e, path_os_name(os));
	if (!opt->speech.quiet)
		print_release(path_os_name(os), &release);
	return opt->compile ? compile_all(s, os, &opt->speech) : 0;
}

static int
refuse(enum lang lang, const struct err *e)
{
	messages_plain(stderr, lang, e);
	return failure_exit(e->code);
}

static int
publish_all(const struct server_config *c, struct publish_options *opt)
{
	struct erpsync_store *s;
	struct erpsync_error error;
	struct err e;
	int os, rc, first = 0, tried = 0, failed = 0;

	rc = erpsync_store_open(opt->state, c->blob_cache_bytes, &s, &error);
	if (rc != 0) {
		(void)fault_take(&e, &error);
		return refuse(opt->speech.lang, &e);
	}
	for (os = 0; os < PATH_OS_N; os++) {
		if (c->path[os] == NULL)
			continue;
		tried++;
		rc = publish_one(s, c, (enum path_os)os, opt);
		failed += rc != 0;
		if (first == 0)
			first = rc;
	}
	erpsync_store_close(s);
	if (tried == 0) {
		(void)err_set(&e, ERP_USAGE,
		    "nothing to publish: set PathWindows, PathLinux or "
		    "PathMacOSX in [Update]");
		return refuse(opt->speech.lang, &e);
	}
	if (failed > 0 && failed < tried)
		return EXIT_PARTIAL;
	return first == 0 ? EXIT_OK : failure_exit(first);
}

/* Make a kept release current again. */
static int
publish_from(
    const struct server_config *c, struct publish_options *opt, struct opt *o)
{
	struct passphrase passphrase = {.lang = opt->speech.lang};
	const struct erpsync_sealing how =
	    sealing_of(&opt->sealing, &passphrase);
	int os = beside_system(c, opt->os, o);
	struct erpsync_source source;
	char id[BESIDE_ID_SHOWN + 1];
	struct erpsync_error e;
	struct erpsync_kept k;

	if (os < 0)
		return o->exit_code;
	source = config_source(c, (enum path_os)os);
	if (source.path == NULL)
		return opt_usage(
		    o, "--os: AppServer.ini names no update folder for it");
	if (how.key != NULL)
		source.sealing = &how;
	if (erpsync_publish_again(opt->state, &source, opt->from, &k, &e) != 0)
		return beside_failed(opt->speech.lang, &e);
	beside_id(id, &k);
	if (!opt->speech.quiet)
		messages_print(stdout, opt->speech.lang, ADM015,
		    path_os_name((enum path_os)os), k.number, id);
	return EXIT_OK;
}

/* What is odd about the configuration, and no reason to stop. */
static void
warn(const struct server_config *c, enum lang lang)
{
	size_t i;

	for (i = 0; i < c->warnings.n; i++)
		messages_warn(stderr, lang, c->warnings.v[i]);
	if (!c->enable)
		messages_warn(stderr, lang,
		    "[Update] Enable is not on: stations will not be updated");
	if (c->build[0] == '\0')
		messages_warn(stderr, lang,
		    "[ErpSync] Build is not set: every station counts as "
		    "compatible");
}

int
cmd_publish(int argc, char **argv)
{
	struct publish_options opt;
	struct server_config c;
	struct opt o;
	struct err e;
	int rc;

	opt_begin(&o, &publish_command, argc, argv);
	if (parse_options(&opt, &o) != OPT_END)
		return o.exit_code;
	if (server_config_load(opt.config, &c, &e) != 0)
		return refuse(opt.speech.lang, &e);
	opt.state = opt.state == NULL ? c.state : opt.state;
	if ((rc = server_config_check_owner(opt.state, &e)) == 0)
		rc = server_config_check_folders(&c, opt.state, &e);
	if (!opt.speech.quiet)
		warn(&c, opt.speech.lang);
	if (rc != 0)
		rc = refuse(opt.speech.lang, &e);
	else if (opt.from != NULL)
		rc = publish_from(&c, &opt, &o);
	else
		rc = publish_all(&c, &opt);
	server_config_release(&c);
	return rc;
}
