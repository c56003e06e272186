/* Two sessions joined by a memory pipe. */
#include "tests/support/pair.h"

#include "engine/apply/folder.h"
#include "engine/base/buf.h"
#include "engine/base/clock.h"
#include "engine/base/err.h"
#include "engine/base/fs.h"
#include "engine/release/publish.h"
#include "engine/seal/seal.h"
#include "engine/store/store.h"
#include "tests/support/output.h"

#include <bsd/string.h>
#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static uint64_t
pair_now(void *ctx)
{
	struct pair *p = ctx;

	return p->now_ms;
}

static int64_t
pair_wall(void *ctx)
{
	(void)ctx;
	return clock_real()->wall_s(NULL);
}

static int
pair_admit(void *ctx, const struct msg_hello *hello, struct admission *out,
    struct err *e)
{
	struct pair *p = ctx;

	(void)e;
	admission_decide(&p->policy,
	    &(struct arrival){.client = hello->build,
		.served = hello->os == PATH_OS_LINUX ? p->served : NULL,
		.retry_after = p->retry_after,
		.held = p->held,
		.downloads = (hello->flags & HELLO_DOWNLOAD) != 0},
	    out);
	return 0;
}

static void
pair_submit(void *ctx, struct job *job)
{
	struct pair *p = ctx;

	cr_assert_lt(p->jobs_n, PAIR_JOBS);
	p->jobs[p->jobs_n++] = job;
}

static void
pair_report(void *ctx, const struct server_report *r)
{
	struct pair *p = ctx;

	p->reported = true;
	p->report_failed = r->error != NULL;
	p->report_has_result = r->result != NULL;
	if (r->result != NULL) {
		p->report_outcome = r->result->outcome;
		p->report_files = r->result->files;
	}
	p->report_sent = r->sent;
	p->report_received = r->received;
}

static int
pair_compile(void *ctx, const struct compile_request *req,
    struct compile_answer *out, struct err *e)
{
	struct pair *p = ctx;

	if (p->watch != NULL)
		p->watch(req);
	return compile_blob(p->store, req, out, e);
}

void
pair_open(struct pair *p)
{
	char state[512];
	struct err e;
	int rc;

	memset(p, 0, sizeof(*p));
	p->piece = 1 << 20;
	p->now_ms = 1000;
	p->policy.enabled = true;
	tempdir_open(&p->server_dir);
	tempdir_open(&p->client);
	tempdir_mkdir(&p->server_dir, "update");
	tempdir_mkdir(&p->server_dir, "state");
	(void)snprintf(state, sizeof(state), "%s/state", p->server_dir.path);
	rc = store_open(fs_real(), state, &p->store, &e);
	cr_assert_eq(rc, 0, "%s", e.msg);
}

void
pair_close(struct pair *p)
{
	station_free(p->kept);
	folder_close(p->kept_folder);
	live_release_unref(p->served);
	store_close(p->store);
	tempdir_close(&p->server_dir);
	tempdir_close(&p->client);
}

void
pair_publish(struct pair *p)
{
	struct publish_source src;
	struct manifest m;
	char path[512];
	struct err e;
	int rc;

	(void)snprintf(path, sizeof(path), "%s/update", p->server_dir.path);
	memset(&src, 0, sizeof(src));
	src.os = PATH_OS_LINUX;
	src.key = "PathLinux";
	src.path = path;
	src.build = p->policy.build;
	src.keep = 4;
	src.filter = p->exclude;
	manifest_init(&m, PATH_OS_LINUX);
	rc = publish_folder(p->store, &src, NULL, &m, &e);
	cr_assert_eq(rc, 0, "%s", e.msg);
	live_release_unref(p->served);
	rc = live_release_new(&m, &p->served, &e);
	cr_assert_eq(rc, 0, "%s", e.msg);
	rc = live_release_find_ancestors(p->served, p->store, &e);
	cr_assert_eq(rc, 0, "%s", e.msg);
	if (p->exclude != NULL)
		cr_assert_eq(
		    live_release_names(p->exclude, &p->served->left_out, &e),
		    0);
}

void
pair_seal(struct pair *p, const struct minisign_secret *secret,
    const struct statement *says)
{
	struct live_release *served = p->served;
	struct seal_order order = {.secret = secret, .says = *says};
	struct buf raw;
	struct err e;
	int rc;

	buf_init(&raw, MANIFEST_MAX_BYTES);
	cr_assert_eq(manifest_encode(&served->manifest, &raw, &e), 0);
	order.says.release = served->id;
	order.says.size = raw.len;
	order.bytes = (struct seal_text){(const char *)buf_data(&raw), raw.len};
	buf_clear(&served->seal);
	rc = seal_make(&order, &served->seal, &e);
	cr_assert_eq(rc, 0, "%s", e.msg);
	buf_release(&raw);
}

struct station_options
pair_options(struct pair *p)
{
	static struct clock clock;
	struct station_options opt;

	clock.monotonic_ms = pair_now;
	clock.wall_s = pair_wall;
	clock.ctx = p;
	memset(&opt, 0, sizeof(opt));
	opt.clock = &clock;
	opt.station_id = "pair";
	opt.arch = "x86_64";
	opt.build = "";
	opt.os = PATH_OS_LINUX;
	return opt;
}

/* Run the jobs that wait, oldest first. */
static void
run_jobs(struct pair *p)
{
	struct job *job;

	while (p->jobs_n > 0) {
		job = p->jobs[0];
		memmove(p->jobs, p->jobs + 1, --p->jobs_n * sizeof(job));
		job_run(job, pair_compile, p);
		(void)server_job_done(job);
	}
}

/* Carry station bytes to the server; false when nothing moved. */
static bool
carry_up(struct pair *p, struct station *st, struct server *sv)
{
	const struct buf *out = station_output(st);
	size_t n = out->len < p->piece ? out->len : p->piece;
	struct err e;
	int64_t taken;

	if (n == 0 || server_is_full(sv))
		return false;
	taken = server_input(sv, buf_data(out), n, &e);
	if (taken < 0)
		taken = (int64_t)n; /* its ERROR is on the way */
	if (p->up != NULL)
		cr_assert_eq(
		    buf_append(p->up, buf_data(out), (size_t)taken, &e), 0);
	p->really_sent += (uint64_t)taken;
	station_sent(st, (size_t)taken);
	return taken > 0;
}

static bool
carry_down(struct pair *p, struct station *st, struct server *sv)
{
	static uint8_t bytes[64 * 1024];
	uint64_t at = p->really_received;
	size_t n = p->piece < sizeof(bytes) ? p->piece : sizeof(bytes);

	if (!station_wants_input(st) ||
	    (n = output_copy(sv, fs_real(), bytes, n)) == 0)
		return false;
	if (p->damage_at > at && p->damage_at <= at + n)
		bytes[p->damage_at - at - 1] ^= 4;
	if (p->cut_after > 0 && at + n >= p->cut_after)
		n = (size_t)(p->cut_after - at);
	if (n > 0)
		cr_assert_eq(station_input(st, bytes, n, NULL), 0);
	if (p->down != NULL)
		cr_assert_eq(buf_append(p->down, bytes, n, NULL), 0);
	server_sent(sv, n);
	p->really_received += n;
	if (p->cut_after > 0 && p->really_received >= p->cut_after)
		cr_assert_eq(station_input(st, bytes, 0, NULL), 0);
	return true;
}

static int
converse(struct pair *p, struct station *st, struct server *sv, struct err *e)
{
	bool moved;
	int step;

	for (;;) {
		step = station_step(st, e);
		if (step < 0 || step == STATION_DONE)
			break;
		if (step == STATION_ASK) {
			p->asked++;
			station_answer(st, p->answer);
			continue;
		}
		moved = carry_up(p, st, sv);
		run_jobs(p);
		moved = carry_down(p, st, sv) || moved;
		if (step == STATION_IO && !moved) {
			/* The server has ended: so does the connection. */
			cr_assert(server_is_done(sv) || p->cut_after > 0,
			    "both sides wait for each other");
			cr_assert_eq(station_input(st, NULL, 0, NULL), 0);
		}
	}
	while (carry_up(p, st, sv))
		run_jobs(p);
	return step < 0 ? step : 0;
}

static void
note_report(struct pair *p, struct station *st)
{
	const struct station_report *r = station_report(st);
	const struct plan_conflict *c;
	size_t i;

	p->outcome = r->outcome;
	p->verdict = r->welcome.verdict;
	(void)strlcpy(p->build, r->welcome.build, sizeof(p->build));
	p->sent = r->sent;
	p->received = r->received;
	p->blob_bytes = r->blob_bytes;
	p->deltas = p->items_sent = p->items_received = p->items_blob = 0;
	if (r->plan == NULL)
		return;
	p->new_n = r->plan->new_n;
	p->changed_n = r->plan->changed_n;
	p->meta_n = r->plan->meta_n;
	p->same_n = r->plan->same_n;
	p->extra_n = r->plan->extra_n;
	p->conflicts_n = r->plan->conflicts_n;
	p->taken_n = 0;
	for (i = 0; i < r->plan->conflicts_n; i++) {
		c = &r->plan->conflicts[i];
		p->taken_n += c->release_wins;
		(void)strlcpy(p->released,
		    c->release_lacks ? "(none)" : c->release,
		    sizeof(p->released));
	}
	for (i = 0; i < r->plan->n; i++) {
		p->items_sent += r->items[i].sent;
		p->items_received += r->items[i].received;
		p->items_blob += r->items[i].blob_len;
		if (r->items[i].transfer && r->items[i].codec != CODEC_FULL)
			p->deltas++;
	}
}

void
pair_run(struct pair *p, const struct station_options *opt)
{
	struct station_options own = *opt;
	struct folder_options fopt = {
	    .fs = p->client_fs != NULL ? p->client_fs : fs_real(),
	    .clock = opt->clock,
	    .obs = opt->obs,
	    .read_only = opt->dry_run};
	struct server_env env = {p->store, opt->clock, pair_admit, pair_submit,
	    pair_report, NULL, NULL, p};
	struct folder *folder = p->kept_folder;
	struct station *st = NULL;
	struct server *sv = NULL;
	struct err e;

	p->reported = p->report_failed = p->report_has_result = false;
	p->really_sent = p->really_received = 0;
	p->asked = 0;
	p->error[0] = '\0';
	p->rc = folder != NULL
	    ? 0
	    : folder_open(p->client_fs != NULL ? "/client" : p->client.path,
		  &fopt, &folder, &e);
	own.folder = folder;
	own.before = p->kept;
	if (p->rc == 0)
		p->rc = station_new(&own, &st, &e);
	if (p->rc == 0)
		p->rc = server_new(&env, "memory", &sv, &e);
	if (p->rc == 0) {
		p->rc = converse(p, st, sv, &e);
		note_report(p, st);
		server_eof(sv);
	}
	if (p->rc != 0)
		(void)strlcpy(p->error, e.msg, sizeof(p->error));
	server_free(sv);
	while (p->jobs_n > 0)
		job_drop(p->jobs[--p->jobs_n]);
	station_free(p->kept);
	p->kept = p->keeps ? st : NULL;
	p->kept_folder = p->keeps ? folder : NULL;
	if (p->keeps)
		return;
	station_free(st);
	folder_close(folder);
}
