/*
 * A station whose folder has a key, against a server that has its own idea of
 * what to send: whole updates over memory.
 */
#include "engine/apply/trust.h"

#include "engine/apply/apply.h"
#include "engine/apply/folder.h"
#include "engine/apply/record.h"
#include "engine/apply/trust_internal.h"
#include "engine/base/buf.h"
#include "engine/base/clock.h"
#include "engine/base/codec.h"
#include "engine/base/err.h"
#include "engine/base/fs.h"
#include "engine/tree/plan.h"
#include "tests/support/alloc_wrap.h"
#include "tests/support/pair.h"
#include "tests/support/starve.h"

#include <bsd/string.h>
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DAY = 86400 };

struct scene {
	struct pair p;
	struct station_options opt;
	struct minisign_secret secret;
	struct statement says; /* what the next seal says */
	struct err e;
};

/* Seal what is served, as its administrator or whoever has the key would. */
static void
seal_served(struct scene *s)
{
	pair_seal(&s->p, &s->secret, &s->says);
}

static struct folder *
open_folder(struct scene *s)
{
	const struct folder_options opt = {
	    .fs = fs_real(), .clock = s->opt.clock};
	struct folder *f;

	cr_assert_eq(
	    folder_open(s->p.client.path, &opt, &f, &s->e), 0, "%s", s->e.msg);
	return f;
}

/* A release of one file, sealed, and a folder that trusts the key. */
static void
begin(struct scene *s)
{
	struct folder *f;

	memset(s, 0, sizeof(*s));
	pair_open(&s->p);
	s->opt = pair_options(&s->p);
	cr_assert_eq(minisign_secret_new(&s->secret, &s->e), 0);
	s->says = (struct statement){.serial = 1,
	    .os = PATH_OS_LINUX,
	    .product = "erp",
	    .issued = clock_s(s->opt.clock)};
	s->says.expires = s->says.issued + 30 * DAY;
	f = open_folder(s);
	cr_assert_eq(trust_is_on(f, &s->e), 0);
	cr_assert_eq(
	    trust_add(f, &s->secret.key, "", &s->e), 0, "%s", s->e.msg);
	cr_assert_eq(
	    trust_add(f, &s->secret.key, "", &s->e), ERP_USAGE, "not twice");
	folder_close(f);
	tempdir_text(&s->p.server_dir, "update/a.txt", "first", 1700000000);
	pair_publish(&s->p);
	seal_served(s);
}

static void
end(struct scene *s)
{
	pair_close(&s->p);
}

static void
expect(struct scene *s, int rc, const char *text)
{
	pair_run(&s->p, &s->opt);
	cr_expect_eq(s->p.rc, rc, "%d: %s", s->p.rc, s->p.error);
	if (text == NULL)
		cr_expect_not(tempdir_has(&s->p.client, "a.txt"));
	else
		cr_expect(tempdir_is_text(&s->p.client, "a.txt", text));
}

static void
next_release(struct scene *s, const char *text, int64_t mtime)
{
	tempdir_text(&s->p.server_dir, "update/a.txt", text, mtime);
	pair_publish(&s->p);
	s->says.serial++;
}

Test(trust, a_folder_that_is_closed_keeps_no_memory)
{
	struct folder *f;
	struct scene s;

	begin(&s);
	expect(&s, 0, "first");
	alloc_watch();
	f = open_folder(&s);
	cr_expect_eq(trust_is_on(f, &s.e), 1);
	folder_close(f);
	cr_expect_eq(alloc_kept(), 0);
	end(&s);
}

Test(trust, what_is_sealed_comes_and_is_known)
{
	struct sealed sealed;
	struct folder *f;
	struct scene s;

	begin(&s);
	expect(&s, 0, "first");
	expect(&s, 0, "first");
	cr_expect_eq(s.p.outcome, OUTCOME_CURRENT);
	next_release(&s, "second", 1700000100);
	seal_served(&s);
	expect(&s, 0, "second");
	f = open_folder(&s);
	cr_assert_eq(trust_identify(f, &sealed, &s.e), 1, "%s", s.e.msg);
	cr_expect_eq(sealed.says.serial, 2);
	cr_expect_eq(memcmp(&sealed.key, &s.secret.key, sizeof(sealed.key)), 0);
	/* A backup of what was sealed comes back. */
	cr_assert_eq(apply_rollback(f, 0, &s.e), 0, "%s", s.e.msg);
	cr_expect(tempdir_is_text(&s.p.client, "a.txt", "first"));
	cr_assert_eq(trust_identify(f, &sealed, &s.e), 1, "%s", s.e.msg);
	cr_expect_eq(sealed.says.serial, 1);
	folder_close(f);
	end(&s);
}

Test(trust, a_seal_is_kept_once_and_the_newest_first)
{
	struct kept_seals k = {.n = 0};
	struct buf text;
	struct err e;
	char name[8];
	size_t i;

	buf_init(&text, 64);
	for (i = 0; i <= KEPT_SEALS_MAX; i++) {
		(void)snprintf(name, sizeof(name), "s%zu", i);
		buf_clear(&text);
		cr_assert_eq(buf_append(&text, name, strlen(name), &e), 0);
		k.fresh = false;
		cr_assert_eq(kept_seals_add(&k, &text, &e), 0);
		cr_expect(k.fresh);
		k.fresh = false;
		cr_assert_eq(kept_seals_add(&k, &text, &e), 0);
		cr_expect_not(k.fresh, "it is there");
		cr_expect_eq(k.n, i < KEPT_SEALS_MAX ? i + 1 : KEPT_SEALS_MAX);
		cr_expect_eq(memcmp(k.v[0].p, name, k.v[0].n), 0);
		if (i > 0)
			cr_expect_eq(
			    k.v[1].p[k.v[1].n - 1] + 1 - (i % 10 == 0 ? 10 : 0),
			    name[strlen(name) - 1]);
	}
	kept_seals_release(&k);
	buf_release(&text);
}

static int
keep_two(void *arg, struct err *e)
{
	struct kept_seals k = {.n = 0};
	struct buf text;
	int rc;

	(void)arg;
	buf_init(&text, 64);
	if ((rc = buf_append(&text, "one", 3, e)) == 0 &&
	    (rc = kept_seals_add(&k, &text, e)) == 0 &&
	    (rc = buf_append(&text, "two", 3, e)) == 0)
		rc = kept_seals_add(&k, &text, e);
	if (rc == 0 && (k.n != 2 || memcmp(k.v[0].p, "onetwo", 7) != 0))
		rc = STARVE_WRONG;
	kept_seals_release(&k);
	buf_release(&text);
	return rc;
}

Test(trust, a_seal_is_kept_or_memory_is_short)
{
	STARVE(keep_two, NULL);
}

Test(trust, nothing_unsealed_is_installed)
{
	struct scene s;

	begin(&s);
	expect(&s, 0, "first");
	next_release(&s, "second", 1700000100);
	expect(&s, ERP_UNSEALED, "first");
	s.opt.force = s.opt.agreed = true;
	expect(&s, ERP_UNSEALED, "first");
	/* Nor a repair of the installed release by a server without a seal. */
	tempdir_text(&s.p.server_dir, "update/a.txt", "first", 1700000000);
	pair_publish(&s.p);
	tempdir_text(&s.p.client, "a.txt", "edited", 5);
	expect(&s, ERP_UNSEALED, "edited");
	s.opt.dry_run = true;
	expect(&s, ERP_UNSEALED, "edited");
	end(&s);
}

Test(trust, the_last_door_asks_again)
{
	struct manifest want;
	struct folder *f;
	struct scene s;
	struct plan plan;

	begin(&s);
	manifest_init(&want, PATH_OS_LINUX);
	memset(&plan, 0, sizeof(plan));
	f = open_folder(&s);
	cr_expect_eq(apply_update(f, NULL, &want, &plan, &s.e), ERP_UNSEALED);
	folder_close(f);
	manifest_release(&want);
	end(&s);
}

Test(trust, what_was_seen_is_remembered)
{
	struct scene s;

	begin(&s);
	s.says.serial = 5;
	seal_served(&s);
	expect(&s, 0, "first");
	next_release(&s, "second", 1700000100);
	s.says.serial = 4;
	seal_served(&s);
	expect(&s, ERP_ROLLED_BACK, "first");
	/* A dry run remembers nothing. */
	s.says.serial = 9;
	seal_served(&s);
	s.opt.dry_run = true;
	expect(&s, 0, "first");
	s.opt.dry_run = false;
	s.says.serial = 8;
	seal_served(&s);
	expect(&s, 0, "second");
	end(&s);
}

Test(trust, an_expired_seal_freezes_nobody)
{
	struct scene s;

	begin(&s);
	s.says.issued -= 31 * DAY;
	s.says.expires -= 31 * DAY;
	seal_served(&s);
	pair_run(&s.p, &s.opt);
	cr_expect_eq(s.p.rc, ERP_FROZEN, "%s", s.p.error);
	cr_expect_not(tempdir_has(&s.p.client, "a.txt"));
	end(&s);
}

static int64_t
in_a_year(void *ctx)
{
	(void)ctx;
	return clock_s(clock_real()) + 365 * DAY;
}

/* Whoever says that there is nothing may say so for ever. */
Test(trust, a_server_without_a_release_freezes_nobody)
{
	struct clock later;
	struct scene s;

	begin(&s);
	s.p.policy.enabled = false;
	expect(&s, 0, NULL);
	s.p.policy.enabled = true;
	expect(&s, 0, "first");
	s.p.policy.enabled = false;
	expect(&s, 0, "first");
	later = *s.opt.clock;
	later.wall_s = in_a_year;
	s.opt.clock = &later;
	expect(&s, ERP_FROZEN, "first");
	cr_expect_not_null(strstr(s.p.error, "clock: 335"), "%s", s.p.error);
	end(&s);
}

/* Whole records that say less, or more, than one does. */
Test(trust, what_was_seen_is_all_that_its_file_says)
{
	struct buf b;
	struct scene s;
	size_t n, less;
	uint8_t *was;

	begin(&s);
	expect(&s, 0, "first");
	was = (uint8_t *)tempdir_read(&s.p.client, ".erpsync/seals", &n);
	cr_assert_gt(n, RECORD_OVERHEAD);
	for (less = 0; less <= 2; less++) {
		buf_init(&b, n + 1);
		cr_assert_eq(record_begin(&b, "ERPSEAL1", &s.e), 0);
		cr_assert_eq(buf_append(&b, was + RECORD_HEADER_LEN,
				 n - RECORD_OVERHEAD - less / 2, &s.e),
		    0);
		if (less == 1)
			cr_assert_eq(put_u8(&b, 0, &s.e), 0);
		cr_assert_eq(record_end(&b, &s.e), 0);
		tempdir_write(
		    &s.p.client, ".erpsync/seals", buf_data(&b), b.len, -1);
		expect(&s, less == 0 ? 0 : ERP_BLOCKED, "first");
		buf_release(&b);
	}
	free(was);
	end(&s);
}

/* They are named, and what to do with them is said. */
Test(trust, keys_that_cannot_be_read_are_not_none)
{
	static const char *const bad[] = {"", "no key\n"};
	struct scene s;
	size_t i;

	begin(&s);
	expect(&s, 0, "first");
	tempdir_text(&s.p.client, ".erpsync/seals", "damaged", -1);
	expect(&s, ERP_BLOCKED, "first");
	cr_expect_str_eq(s.p.error,
	    ".erpsync/seals: is damaged; delete it, and what was seen is "
	    "forgotten");
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		tempdir_text(&s.p.client, ".erpsync/keys", bad[i], -1);
		expect(&s, ERP_BLOCKED, "first");
		cr_expect_str_eq(s.p.error,
		    ".erpsync/keys: is damaged; delete it and add the keys "
		    "again (erpsync keys add)");
	}
	end(&s);
}

Test(trust, keys_come_and_go)
{
	char id[MINISIGN_ID_HEX + 1];
	struct minisign_secret other;
	const struct seal_trust *t;
	struct folder *f;
	struct scene s;

	begin(&s);
	expect(&s, 0, "first");
	cr_assert_eq(minisign_secret_new(&other, &s.e), 0);
	f = open_folder(&s);
	cr_assert_eq(trust_add(f, &other.key, "erp", &s.e), 0);
	cr_expect_eq(trust_add(f, &other.key, "a b", &s.e), ERP_USAGE);
	t = trust_get(f, &s.e);
	cr_assert_not_null(t);
	cr_expect_eq(t->n, 2);
	cr_expect_eq(trust_remove(f, "0", &s.e), ERP_NOTFOUND);
	minisign_id_hex(s.secret.key.id, id);
	cr_assert_eq(trust_remove(f, id, &s.e), 0, "%s", s.e.msg);
	folder_close(f);
	next_release(&s, "second", 1700000100);
	seal_served(&s);
	expect(&s, ERP_UNSEALED, "first");
	s.secret = other;
	seal_served(&s);
	expect(&s, 0, "second");
	f = open_folder(&s);
	minisign_id_hex(other.key.id, id);
	cr_assert_eq(trust_remove(f, id, &s.e), 0);
	folder_close(f);
	cr_expect_not(tempdir_has(&s.p.client, ".erpsync/keys"));
	cr_expect_not(tempdir_has(&s.p.client, ".erpsync/seals"));
	end(&s);
}

Test(trust, so_many_keys_and_no_more)
{
	struct minisign_secret more;
	struct minisign_key last;
	struct folder *f;
	struct scene s;
	size_t n, one;
	char *text, id[MINISIGN_ID_HEX + 1];
	int i;

	begin(&s);
	f = open_folder(&s);
	for (i = 1; i <= SEAL_KEYS_MAX; i++) {
		cr_assert_eq(minisign_secret_new(&more, &s.e), 0);
		cr_assert_eq(trust_add(f, &more.key, "", &s.e),
		    i == SEAL_KEYS_MAX ? ERP_USAGE : 0, "%s", s.e.msg);
	}
	folder_close(f);
	f = open_folder(&s);
	cr_assert_not_null(trust_get(f, &s.e), "%s", s.e.msg);
	cr_expect_eq(trust_get(f, &s.e)->n, SEAL_KEYS_MAX);
	last = trust_get(f, &s.e)->keys[SEAL_KEYS_MAX - 1];
	minisign_id_hex(trust_get(f, &s.e)->keys[SEAL_KEYS_MAX - 2].id, id);
	cr_assert_eq(trust_remove(f, id, &s.e), 0, "%s", s.e.msg);
	cr_assert_not_null(trust_get(f, &s.e));
	cr_expect_eq(trust_get(f, &s.e)->n, SEAL_KEYS_MAX - 1);
	cr_expect_arr_eq(trust_get(f, &s.e)->keys[SEAL_KEYS_MAX - 2].id,
	    last.id, sizeof(last.id));
	cr_assert_eq(trust_add(f, &more.key, "", &s.e), 0, "%s", s.e.msg);
	folder_close(f);
	/* Whoever wrote by hand one key more, or a letter behind the last. */
	text = tempdir_read(&s.p.client, ".erpsync/keys", &n);
	cr_assert_not_null(text = realloc(text, 2 * n));
	memcpy(text + n, text, n);
	for (i = 0; i < 2; i++) {
		one = n / SEAL_KEYS_MAX;
		tempdir_write(&s.p.client, ".erpsync/keys",
		    i == 0 ? text : text + n - one, i == 0 ? n + one : one + 1,
		    -1);
		f = open_folder(&s);
		cr_expect_null(trust_get(f, &s.e), "%d", i);
		cr_expect_eq(s.e.code, ERP_BLOCKED, "%s", s.e.msg);
		folder_close(f);
	}
	free(text);
	end(&s);
}

/* A backup of the time before the key. */
Test(trust, a_person_goes_back_to_what_was_sealed)
{
	struct folder *f;
	struct scene s;
	char id[MINISIGN_ID_HEX + 1];

	begin(&s);
	f = open_folder(&s);
	minisign_id_hex(s.secret.key.id, id);
	cr_assert_eq(trust_remove(f, id, &s.e), 0);
	folder_close(f);
	expect(&s, 0, "first");
	f = open_folder(&s);
	cr_assert_eq(trust_add(f, &s.secret.key, "", &s.e), 0);
	folder_close(f);
	next_release(&s, "second", 1700000100);
	seal_served(&s);
	expect(&s, 0, "second");
	f = open_folder(&s);
	cr_expect_eq(apply_rollback(f, 0, &s.e), ERP_UNSEALED);
	cr_expect(tempdir_is_text(&s.p.client, "a.txt", "second"));
	cr_assert_eq(trust_remove(f, id, &s.e), 0);
	folder_close(f);
	f = open_folder(&s);
	cr_expect_eq(apply_rollback(f, 0, &s.e), 0, "%s", s.e.msg);
	cr_expect(tempdir_is_text(&s.p.client, "a.txt", "first"));
	folder_close(f);
	end(&s);
}
