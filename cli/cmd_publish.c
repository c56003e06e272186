/* erpsync publish: validate and publish the update folders once. */
#include "cli/cmd.h"

#include "cli/config/config.h"
#include "cli/opt.h"
#include "cli/report/columns.h"
#include "engine/base/clock.h"
#include "engine/base/err.h"
#include "engine/base/fs.h"
#include "engine/base/hash.h"
#include "engine/base/observer.h"
#include "engine/release/compile.h"
#include "engine/release/lineage.h"
#include "engine/release/publish.h"
#include "engine/store/store.h"
#include "engine/tree/manifest.h"
#include "transport/net/threads.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SHOWN_MAX = 48 };

struct publish_options {
	const char *config;
	const char *state; /* NULL: the configuration's */
	bool compile;
};

static const struct opt_row publish_rows[] = {
    {0, "config", "FILE", "the server's AppServer.ini", opt_text,
	.offset = offsetof(struct publish_options, config)},
    {0, "state", "DIR", "the state folder, instead of [ErpSync] State",
	opt_text, .offset = offsetof(struct publish_options, state)},
    {0, "compile", NULL,
	"make the best deltas from all kept releases too, and wait for them",
	opt_flag, .offset = offsetof(struct publish_options, compile)},
    {.name = NULL},
};

static const struct opt_command publish_command = {"publish", "",
    "Check the update folders of AppServer.ini and publish them once.",
    {{publish_rows, 0}}, false};

/* Parse into out: OPT_END, or OPT_STOP with o->exit_code. */
static int
parse_options(struct publish_options *out, struct opt *o)
{
	memset(out, 0, sizeof(*out));
	if (opt_parse(o, out) == OPT_STOP || !opt_operands(o, 0, 0))
		return OPT_STOP;
	if (out->config == NULL) {
		(void)opt_usage(o, "--config is missing");
		return OPT_STOP;
	}
	return OPT_END;
}

static void
print_warning(void *ctx, const struct event *ev)
{
	(void)ctx;
	if (ev->kind == EVENT_WARN && ev->text != NULL)
		printf("warning: %s\n", ev->text);
}

/* "1 byte", "1234 bytes (1.2K)". */
static const char *
bytes_text(char out[SHOWN_MAX], uint64_t n)
{
	char human[COLUMNS_BYTES_MAX];

	columns_bytes(human, n);
	(void)snprintf(out, SHOWN_MAX,
	    n < 1024 ? "%" PRIu64 " byte%s" : "%" PRIu64 " byte%s (%s)", n,
	    n == 1 ? "" : "s", human);
	return out;
}

/* "1 file", "2 groups". */
static const char *
count_text(char out[SHOWN_MAX], size_t n, const char *what)
{
	(void)snprintf(out, SHOWN_MAX, "%zu %s%s", n, what, n == 1 ? "" : "s");
	return out;
}

static void
print_release(const struct manifest *m)
{
	char hex[HASH_HEX_LEN + 1], count[SHOWN_MAX], size[SHOWN_MAX];
	struct hash id;
	struct err e;
	size_t i, files = 0;

	if (manifest_id(m, &id, &e) != 0) {
		printf("%s: %s\n", config_os_name(m->os), e.msg);
		return;
	}
	for (i = 0; i < m->n; i++)
		files += m->v[i].type == ENTRY_FILE;
	hash_hex(&id, hex);
	printf("%s: release %s, %s, %s\n", config_os_name(m->os), hex,
	    count_text(count, files, "file"),
	    bytes_text(size, manifest_total(m)));
}

/* What is being compiled. */
struct compiling {
	struct store *store;
	const char *os;
	size_t groups, singles; /* so far */
	uint64_t bytes; /* of their contents */
	int rc; /* of the last group */
};

static int
compile_group(void *ctx, const struct compile_request *req, struct err *e)
{
	struct compiling *c = ctx;
	char count[SHOWN_MAX];
	size_t i;

	printf("%s: compiling group %zu, %s\n", c->os, ++c->groups,
	    count_text(count, req->members_n, "file"));
	for (i = 0; i < req->members_n; i++)
		c->bytes += req->members[i].target_size;
	(void)fflush(stdout);
	c->rc = compile_best(c->store, req, NULL, e);
	return c->rc == 0 ? 0 : ERP_CANCELLED;
}

/* The groups that stations on any kept release will ask for. */
static int
compile_groups(struct compiling *c, const struct manifest *m, struct err *e)
{
	const struct lineage_visitor visitor = {compile_group, c};
	size_t back;
	int rc = 0;

	/* A damaged release is passed over. */
	for (back = 1;
	     back <= STORE_RELEASES_MAX && (rc == 0 || rc == ERP_CORRUPT);
	     back++)
		rc = lineage_groups(c->store, m, back, &visitor, e);
	if (rc == ERP_CANCELLED)
		return c->rc;
	return rc == ERP_NOTFOUND || rc == ERP_CORRUPT ? 0 : rc;
}

/* The large files that they will ask for one by one. */
static int
compile_singles(struct compiling *c, const struct manifest *m, struct err *e)
{
	struct compile_request *v;
	char size[SHOWN_MAX];
	size_t i, n = 0;
	int rc = lineage_requests(c->store, m, &v, &n, e);

	for (i = 0; rc == 0 && i < n; i++) {
		if (compile_is_small(&v[i]))
			continue;
		printf("%s: compiling %zu of %zu, %s\n", c->os, i + 1, n,
		    bytes_text(size, v[i].target_size));
		(void)fflush(stdout);
		c->singles++;
		c->bytes += v[i].target_size;
		rc = compile_best(c->store, &v[i], NULL, e);
	}
	free(v);
	return rc;
}

/* Make all blobs that stations on kept releases will ask for. */
static int
compile_all(struct store *s, const struct manifest *m)
{
	struct compiling c = {.store = s, .os = config_os_name(m->os)};
	char groups[SHOWN_MAX], singles[SHOWN_MAX], size[SHOWN_MAX];
	const struct clock *clock = clock_real();
	uint64_t ms = clock->monotonic_ms(clock->ctx);
	struct err e;
	int rc;

	if ((rc = compile_groups(&c, m, &e)) == 0 &&
	    (rc = compile_singles(&c, m, &e)) == 0)
		printf(
		    "%s: all that takes time is compiled: %s of small "
		    "files, %s of large files, for %s of content, in %.1f s\n",
		    c.os, count_text(groups, c.groups, "group"),
		    count_text(singles, c.singles, "blob"),
		    bytes_text(size, c.bytes),
		    (double)(clock->monotonic_ms(clock->ctx) - ms) / 1000);
	else
		fprintf(stderr, "%s: not all compiled: %s\n", c.os, e.msg);
	return rc;
}

/* Publish the folder of one system: 0, or a code with its message printed. */
static int
publish_one(struct store *s, const struct server_config *c, enum path_os os,
    bool compile)
{
	struct observer obs = {print_warning, NULL};
	struct publish_source src = {.os = os,
	    .key = config_os_key(os),
	    .path = c->path[os],
	    .build = c->build,
	    .lowercase_only = c->lowercase_only,
	    .keep = c->keep,
	    .settle_ms = c->settle_ms,
	    .sleep_ms = clock_sleep_ms,
	    .crew = threads_real(),
	    .filter = &c->exclude};
	struct manifest m;
	struct err e;
	int rc;

	manifest_init(&m, os);
	if ((rc = publish_folder(s, &src, &obs, &m, &e)) == 0)
		print_release(&m);
	if (rc == 0 && compile)
		rc = compile_all(s, &m);
	else if (rc != 0)
		fprintf(stderr, "%s: not published: %s\n", config_os_name(os),
		    e.msg);
	manifest_release(&m);
	return rc;
}

static int
publish_all(const struct server_config *c, const struct publish_options *opt)
{
	struct store *s;
	struct err e;
	int os, rc, first = 0, tried = 0;

	if ((rc = store_open(fs_real(), opt->state, &s, &e)) != 0) {
		fprintf(stderr, "erpsync: %s\n", e.msg);
		return exit_of_error(rc);
	}
	store_set_blob_budget(s, c->blob_cache_bytes);
	for (os = 0; os < CONFIG_OS_N; os++) {
		if (c->path[os] == NULL)
			continue;
		tried++;
		rc = publish_one(s, c, (enum path_os)os, opt->compile);
		if (first == 0)
			first = rc;
	}
	store_close(s);
	if (tried == 0) {
		fprintf(stderr,
		    "erpsync: nothing to publish: set PathWindows, PathLinux "
		    "or PathMacOSX in [Update]\n");
		return EXIT_USAGE;
	}
	return first == 0 ? EXIT_OK : exit_of_error(first);
}

int
cmd_publish(int argc, char **argv)
{
	struct publish_options opt;
	struct server_config c;
	struct opt o;
	struct err e;
	size_t i;
	int rc;

	opt_begin(&o, &publish_command, argc, argv);
	if (parse_options(&opt, &o) != OPT_END)
		return o.exit_code;
	if ((rc = server_config_load(opt.config, &c, &e)) != 0) {
		fprintf(stderr, "erpsync: %s\n", e.msg);
		return exit_of_error(rc);
	}
	for (i = 0; i < c.warnings.n; i++)
		printf("warning: %s\n", c.warnings.v[i]);
	if (!c.enable)
		printf("warning: [Update] Enable is not on: stations will not "
		       "be updated\n");
	opt.state = opt.state == NULL ? c.state : opt.state;
	if ((rc = server_config_check_state(&c, opt.state, &e)) != 0) {
		fprintf(stderr, "erpsync: %s\n", e.msg);
		server_config_release(&c);
		return exit_of_error(rc);
	}
	rc = publish_all(&c, &opt);
	server_config_release(&c);
	return rc;
}
