/*
 * Frames that are no good, at both ends and in every state: conversations are
 * recorded, played to an end up to some frame, and there comes a bad one
 * instead (tests/support/malformed.h).  Whoever hears it ends the session with
 * the code that docs/protocol.md says, and nothing else happens.
 *
 * MALFORMED=N: so many frames; MALFORMED_SEED=N: others.
 */
#include "tests/support/malformed.h"

#include "engine/apply/folder.h"
#include "engine/apply/trust.h"
#include "engine/base/buf.h"
#include "engine/base/clock.h"
#include "engine/base/err.h"
#include "engine/store/store.h"
#include "tests/support/fs_sim.h"
#include "tests/support/output.h"
#include "tests/support/pair.h"
#include "transport/wire/frame.h"
#include "transport/wire/preface.h"

#include <bsd/string.h>
#include <criterion/criterion.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	FRAMES_BY_DEFAULT = 3000,
	HEARD_MAX = 1 << 20,
	PROGRAM = 300 * 1000, /* bytes: too large for a group */
	GROWTH_MOST = 4 * 1024 * 1024,
	DAY = 86400
};

/* One way that a conversation may go. */
struct scene {
	const char *name;
	struct server_policy policy;
	const char *build; /* of the client */
	bool ends_there; /* the server's last frame changes nothing */
	struct sim disk; /* of the station, before */
	uint64_t before, after; /* digests of its folder */
	struct buf up, down; /* all that was said */
	struct frames to_server, to_station;
};
enum { SCENES = 6 };

static struct pair p;
static struct minisign_secret secret;
static struct scene scenes[SCENES];
static size_t scenes_n;
static struct buf all_up, all_down; /* whatever frames there are */
static struct frames any_up, any_down;
static struct malformed maker;
static struct sim left; /* the disk that the last recording left */
static struct err e;

/* --- the conversations ---------------------------------------------------- */

static void
boot(struct sim *s, const struct sim *like)
{
	memset(s, 0, sizeof(*s));
	sim_boot(s, like);
	sim_disk_copy(&s->disk, &like->disk);
}

/* A new disk with an empty client folder. */
static void
make_disk(struct sim *s)
{
	int root;

	sim_open(s);
	root = fs_open_root(&s->fs, "/");
	cr_assert_eq(fs_mkdir(&s->fs, root, "client", 0755), 0);
	cr_assert_eq(fs_close(&s->fs, root), 0);
}

/* The program as it is published, but for a place in the middle. */
static void
fill_program(uint8_t bytes[PROGRAM], uint8_t other)
{
	uint32_t x = 7;
	size_t i;

	for (i = 0; i < PROGRAM; i++) {
		x = x * 1664525 + 1013904223;
		bytes[i] = (uint8_t)(x >> 24);
	}
	memset(bytes + PROGRAM / 2, other, 1000);
}

static void
put_program(struct sim *s, uint8_t other)
{
	static uint8_t bytes[PROGRAM];
	int dir = fs_open_root(&s->fs, "/client"), fd;

	fill_program(bytes, other);
	fd = fs_open(&s->fs, dir, "program", FS_WRITE | FS_CREATE, 0755);
	cr_assert_geq(fd, 0);
	cr_assert_eq(fs_pwrite(&s->fs, fd, bytes, PROGRAM, 0), 0);
	cr_assert_eq(fs_close(&s->fs, fd), 0);
	cr_assert_eq(fs_close(&s->fs, dir), 0);
}

static void
trust_key(struct sim *s)
{
	struct station_options opt = pair_options(&p);
	const struct folder_options where = {.fs = &s->fs, .clock = opt.clock};
	struct folder *f;

	cr_assert_eq(folder_open("/client", &where, &f, &e), 0, "%s", e.msg);
	cr_assert_eq(trust_add(f, &secret.key, "", &e), 0, "%s", e.msg);
	folder_close(f);
}

static struct station_options
options_of(const struct scene *s)
{
	struct station_options opt = pair_options(&p);

	opt.build = s->build;
	return opt;
}

static void
gather(struct buf *pool, const struct buf *said)
{
	size_t skip = pool->len == 0 ? 0 : PREFACE_LEN;

	cr_assert_eq(
	    buf_append(pool, buf_data(said) + skip, said->len - skip, &e), 0);
}

/* Have it once, whole, with a station that has this disk. */
static void
record(struct scene *s)
{
	struct station_options opt = options_of(s);
	struct sim now;

	boot(&now, &s->disk);
	s->before = sim_digest(&now, "/client", SIM_LIVE);
	buf_init(&s->up, HEARD_MAX);
	buf_init(&s->down, HEARD_MAX);
	p.policy = s->policy;
	p.client_fs = &now.fs;
	p.up = &s->up;
	p.down = &s->down;
	p.answer = true;
	pair_run(&p, &opt);
	cr_assert_eq(p.rc, 0, "%s: %s", s->name, p.error);
	p.client_fs = NULL;
	p.up = p.down = NULL;
	s->after = sim_digest(&now, "/client", SIM_LIVE);
	sim_close(&left);
	boot(&left, &now);
	sim_close(&now);
	frames_cut(&s->to_server, buf_data(&s->up), s->up.len);
	frames_cut(&s->to_station, buf_data(&s->down), s->down.len);
	gather(&all_up, &s->up);
	gather(&all_down, &s->down);
}

static struct scene *
add_scene(const char *name)
{
	struct scene *s = &scenes[scenes_n++];

	cr_assert_leq(scenes_n, SCENES);
	s->name = name;
	s->policy.enabled = true;
	s->build = "";
	make_disk(&s->disk);
	return s;
}

static void
publish(void)
{
	static uint8_t bytes[PROGRAM];
	struct tempdir *t = &p.server_dir;
	struct statement says = {.serial = 1,
	    .os = PATH_OS_LINUX,
	    .product = "erp",
	    .issued = clock_s(clock_real())};

	says.expires = says.issued + 30 * DAY;
	fill_program(bytes, 'p');
	tempdir_write(t, "update/program", bytes, PROGRAM, 1000000000);
	tempdir_chmod(t, "update/program", 0755);
	tempdir_text(t, "update/a.txt", "some words", 1000000001);
	tempdir_text(t, "update/dir/b.txt", "some others", 1000000002);
	tempdir_symlink(t, "a.txt", "update/link");
	pair_publish(&p);
	cr_assert_eq(minisign_secret_new(&secret, &e), 0);
	pair_seal(&p, &secret, &says);
}

/* What either end says that no conversation of ours has. */
static void
add_rare(struct buf *pool)
{
	const struct msg_nop nop = {.says_ahead = true, .ahead = 3};
	const struct msg_error error = {.code = ERROR_FAILED, .text = "no"};

	cr_assert_eq(nop_encode(&nop, pool, &e), 0);
	cr_assert_eq(error_encode(&error, pool, &e), 0);
}

static void
begin(void)
{
	struct scene *s;

	pair_open(&p);
	sim_open(&left);
	publish();
	buf_init(&all_up, HEARD_MAX);
	buf_init(&all_down, 8 * HEARD_MAX);
	record(add_scene("an empty folder"));
	s = add_scene("nothing to do");
	sim_close(&s->disk);
	boot(&s->disk, &left);
	s->ends_there = true;
	record(s);
	s = add_scene("an edited program");
	put_program(&s->disk, 'q');
	record(s);
	s = add_scene("asked about its build");
	(void)strlcpy(s->policy.build, "2", sizeof(s->policy.build));
	s->build = "1";
	record(s);
	s = add_scene("a seal");
	trust_key(&s->disk);
	record(s);
	s = add_scene("switched off");
	s->policy.enabled = false;
	s->ends_there = true;
	record(s);
	add_rare(&all_up);
	add_rare(&all_down);
	cr_assert_eq(recall_encode(&p.served->id, &all_up, &e), 0);
	cr_assert_eq(get_manifest_encode(&all_up, &e), 0);
	frames_cut(&any_up, buf_data(&all_up), all_up.len);
	frames_cut(&any_down, buf_data(&all_down), all_down.len);
}

static void
end(void)
{
	size_t i;

	for (i = 0; i < scenes_n; i++) {
		buf_release(&scenes[i].up);
		buf_release(&scenes[i].down);
		sim_close(&scenes[i].disk);
	}
	buf_release(&all_up);
	buf_release(&all_down);
	sim_close(&left);
	pair_close(&p);
}

TestSuite(malformed, .init = begin, .fini = end, .timeout = 7200);

/* --- a server ------------------------------------------------------------- */

struct hearer {
	const struct scene *scene;
	struct server *sv;
	struct job *jobs[PAIR_JOBS];
	size_t jobs_n;
	struct buf heard;
};

static int
admit(void *ctx, const struct msg_hello *hello, struct admission *out,
    struct err *why)
{
	const struct hearer *h = ctx;

	(void)why;
	admission_decide(&h->scene->policy,
	    &(struct arrival){.client = hello->build,
		.served = hello->os == PATH_OS_LINUX ? p.served : NULL},
	    out);
	return 0;
}

static void
submit(void *ctx, struct job *job)
{
	struct hearer *h = ctx;

	cr_assert_lt(h->jobs_n, PAIR_JOBS);
	h->jobs[h->jobs_n++] = job;
}

static void
ignore_report(void *ctx, const struct server_report *r)
{
	(void)ctx;
	(void)r;
}

static int
compile(void *ctx, const struct compile_request *req,
    struct compile_answer *out, struct err *why)
{
	(void)ctx;
	return compile_blob(p.store, req, out, why);
}

/* All jobs, and all that leaves. */
static void
pump(struct hearer *h)
{
	static uint8_t bytes[64 * 1024];
	struct job *job;
	size_t n;

	do {
		while (h->jobs_n > 0) {
			job = h->jobs[0];
			memmove(
			    h->jobs, h->jobs + 1, --h->jobs_n * sizeof(job));
			job_run(job, compile, NULL);
			(void)server_job_done(job);
		}
		n = output_copy(h->sv, store_fs(p.store), bytes, sizeof(bytes));
		if (n == 0)
			continue;
		cr_assert_eq(buf_append(&h->heard, bytes, n, &e), 0);
		server_sent(h->sv, n);
	} while (n > 0 || h->jobs_n > 0);
}

/* Play bytes; the first code that is none of success. */
static int
tell_server(struct hearer *h, const uint8_t *bytes, size_t n)
{
	int64_t taken;

	while (n > 0 && !server_is_done(h->sv)) {
		taken = server_input(h->sv, bytes, n, &e);
		if (taken < 0)
			return (int)taken;
		/* All that it waits for was done. */
		cr_assert_gt(taken, 0);
		bytes += taken;
		n -= (size_t)taken;
		pump(h);
	}
	return 0;
}

/* The last frame of what an end said; its type, or 0 without one.  *code is
 * an ERROR's, or a RESULT's outcome. */
static uint8_t
last_words(const struct buf *said, uint32_t *code)
{
	size_t at = PREFACE_LEN;
	struct frame f = {0, NULL, 0};
	int64_t used;

	*code = 0;
	for (; at < said->len; at += (size_t)used) {
		used =
		    frame_decode(buf_data(said) + at, said->len - at, &f, NULL);
		cr_assert_gt(used, 0);
	}
	if (f.type == MSG_ERROR)
		*code = f.payload[0] | (uint32_t)f.payload[1] << 8;
	else if (f.type == MSG_RESULT)
		*code = f.payload[0];
	return f.type;
}

/* Which of its frames comes first that is not played. */
static size_t
draw_place(size_t n)
{
	return (size_t)malformed_random(&maker, n);
}

/* A frame that fails is against the rules, or came over a bad line. */
static bool
is_expected(int rc)
{
	return rc == ERP_PROTO ||
	    (rc == ERP_LOST && maker.kind == MALFORMED_DAMAGED);
}

static void
expect_server(const struct hearer *h, int rc, const char *what)
{
	uint32_t code;
	uint8_t type = last_words(&h->heard, &code);

	if (maker.kind < MALFORMED_SURE) {
		cr_expect(is_expected(rc), "%s: %d", what, rc);
		cr_expect(server_is_done(h->sv), "%s: goes on", what);
	}
	if (rc == 0)
		return;
	cr_expect(
	    is_expected(rc) || rc == ERP_CANCELLED, "%s: %s", what, e.msg);
	cr_expect(rc == ERP_CANCELLED ||
		(type == MSG_ERROR &&
		    code == (rc == ERP_LOST ? ERROR_GONE : ERROR_PROTOCOL)),
	    "%s: type %u, code %u", what, type, code);
}

static void
try_server(const struct scene *s, const struct buf *bad, const char *what)
{
	struct station_options opt = options_of(s);
	struct hearer h = {.scene = s};
	const struct server_env env = {
	    p.store, opt.clock, admit, submit, ignore_report, NULL, NULL, &h};
	size_t place = draw_place(s->to_server.n), i;
	int rc;

	buf_init(&h.heard, HEARD_MAX);
	cr_assert_eq(server_new(&env, "192.0.2.1", &h.sv, &e), 0);
	rc = tell_server(&h, s->to_server.p, PREFACE_LEN);
	for (i = 0; rc == 0 && i < place; i++)
		rc = tell_server(&h, s->to_server.p + s->to_server.at[i],
		    s->to_server.len[i]);
	cr_assert_eq(rc, 0, "%s: frame %zu: %s", s->name, i, e.msg);
	rc = tell_server(&h, buf_data(bad), bad->len);
	pump(&h);
	expect_server(&h, rc, what);
	server_free(h.sv);
	while (h.jobs_n > 0)
		job_drop(h.jobs[--h.jobs_n]);
	buf_release(&h.heard);
}

/* --- a station ------------------------------------------------------------ */

static int
settle(struct station *st)
{
	int step;

	while ((step = station_step(st, &e)) == STATION_AGAIN)
		;
	return step;
}

/* Up to this frame; the last step. */
static int
tell_station(struct station *st, const struct scene *s, size_t place)
{
	size_t i;
	int step;

	cr_assert_eq(station_input(st, s->to_station.p, PREFACE_LEN, &e), 0);
	step = settle(st);
	for (i = 0; i < place; i++) {
		if (step == STATION_ASK)
			station_answer(st, true);
		cr_assert_eq(
		    station_input(st, s->to_station.p + s->to_station.at[i],
			s->to_station.len[i], &e),
		    0);
		step = settle(st);
	}
	/* A question is open, or it was answered. */
	if (step == STATION_ASK && malformed_random(&maker, 2) == 0) {
		station_answer(st, true);
		step = settle(st);
	}
	return step;
}

static bool
is_no_fault(int step)
{
	return step >= 0 || step == ERP_PROTO || step == ERP_CORRUPT ||
	    step == ERP_MISMATCH || step == ERP_TIMEOUT || step == ERP_LOST ||
	    step == ERP_NOVERSION || step == ERP_OVERLOAD ||
	    step == ERP_SERVER_FULL || step <= ERP_UNTRUSTED;
}

static void
expect_station(const struct scene *s, size_t place, struct station *st,
    int step, const char *what)
{
	const struct buf *said = station_output(st);
	uint32_t code;
	uint8_t type = last_words(said, &code);
	bool ended = s->ends_there && place == s->to_station.n;

	cr_expect(is_no_fault(step), "%s: %d: %s", what, step, e.msg);
	if (maker.kind >= MALFORMED_SURE)
		return;
	cr_expect(is_expected(step), "%s: %d", what, step);
	if (ended)
		return;
	if (place == 0)
		cr_expect(type == MSG_ERROR &&
			code ==
			    (step == ERP_LOST ? ERROR_GONE : ERROR_PROTOCOL),
		    "%s: type %u, code %u", what, type, code);
	else
		cr_expect(type == MSG_RESULT && code == OUTCOME_FAILED,
		    "%s: type %u, code %u", what, type, code);
}

static void
try_station(const struct scene *s, const struct buf *bad, const char *what)
{
	struct station_options opt = options_of(s);
	struct folder_options where = {.clock = opt.clock};
	size_t place = draw_place(s->to_station.n + s->ends_there);
	struct station *st;
	uint64_t digest;
	struct sim now;
	int step;

	boot(&now, &s->disk);
	where.fs = &now.fs;
	cr_assert_eq(
	    folder_open("/client", &where, &opt.folder, &e), 0, "%s", e.msg);
	cr_assert_eq(station_new(&opt, &st, &e), 0);
	step = tell_station(st, s, place);
	cr_assert_geq(step, 0, "%s: frame %zu: %s", s->name, place, e.msg);
	cr_assert_eq(station_input(st, buf_data(bad), bad->len, &e), 0);
	step = settle(st);
	expect_station(s, place, st, step, what);
	station_free(st);
	folder_close(opt.folder);
	/* Only the frame that was to come completes anything. */
	digest = sim_digest(&now, "/client", SIM_LIVE);
	cr_expect(digest == s->before ||
		(digest == s->after && maker.kind >= MALFORMED_SURE),
	    "%s: the folder changed", what);
	cr_expect_eq(sim_open_fds(&now), 0, "%s: descriptors stay", what);
	sim_close(&now);
}

/* --- many of them --------------------------------------------------------- */

static uint64_t
number_of(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);

	return text != NULL ? strtoull(text, NULL, 10) : otherwise;
}

static void
try_one(uint64_t seed, bool to_server)
{
	const struct scene *s;
	struct buf bad;
	char what[160];

	maker = (struct malformed){.seed = seed,
	    .theirs = to_server ? &any_up : &any_down,
	    .ours = to_server ? &any_down : &any_up};
	buf_init(&bad, HEARD_MAX);
	s = &scenes[malformed_random(&maker, scenes_n)];
	malformed_make(&maker, &bad);
	(void)snprintf(what, sizeof(what), "seed %llu, %s, kind %d, type %u",
	    (unsigned long long)seed, s->name, (int)maker.kind,
	    buf_data(&bad)[0]);
	if (to_server)
		try_server(s, &bad, what);
	else
		try_station(s, &bad, what);
	buf_release(&bad);
}

static void
try_many(bool to_server)
{
	uint64_t first = number_of("MALFORMED_SEED", 1),
		 n = number_of("MALFORMED", FRAMES_BY_DEFAULT) / 2, i;
	size_t used = 0;

	for (i = 0; i < n; i++) {
		if (i == n / 10)
			used = mallinfo2().uordblks;
		try_one((first + i) << 1 | to_server, to_server);
	}
	/* What a store knows of its blobs grows, and little. */
	cr_expect_lt(mallinfo2().uordblks, used + GROWTH_MOST);
}

Test(malformed, frames_end_a_servers_session)
{
	try_many(true);
}

Test(malformed, frames_end_a_stations_session)
{
	try_many(false);
}

/* Nor is it answered what is no preface, in a byte of it. */
Test(malformed, prefaces_get_no_answer)
{
	struct station_options opt = options_of(&scenes[0]);
	struct folder_options where = {.clock = opt.clock};
	struct hearer h = {.scene = &scenes[0]};
	const struct server_env env = {
	    p.store, opt.clock, admit, submit, ignore_report, NULL, NULL, &h};
	uint8_t preface[PREFACE_LEN];
	struct station *st;
	struct sim now;
	size_t bit, said;

	for (bit = 0; bit < 64; bit++) {
		memcpy(preface, scenes[0].to_server.p, PREFACE_LEN);
		preface[bit / 8] ^= (uint8_t)(1 << bit % 8);
		buf_init(&h.heard, HEARD_MAX);
		cr_assert_eq(server_new(&env, "192.0.2.1", &h.sv, &e), 0);
		cr_expect_eq(
		    tell_server(&h, preface, sizeof(preface)), ERP_PROTO);
		pump(&h);
		cr_expect(server_is_done(h.sv));
		cr_expect_eq(h.heard.len, 0);
		server_free(h.sv);
		buf_release(&h.heard);

		boot(&now, &scenes[0].disk);
		where.fs = &now.fs;
		cr_assert_eq(
		    folder_open("/client", &where, &opt.folder, &e), 0);
		cr_assert_eq(station_new(&opt, &st, &e), 0);
		said = station_output(st)->len;
		cr_assert_eq(
		    station_input(st, preface, sizeof(preface), &e), 0);
		cr_expect_eq(settle(st), ERP_PROTO);
		cr_expect_eq(station_output(st)->len, said);
		station_free(st);
		folder_close(opt.folder);
		sim_close(&now);
	}
}
