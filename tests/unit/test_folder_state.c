#include "engine/apply/folder_state.h"

#include "engine/apply/backup.h"
#include "engine/apply/folder.h"
#include "engine/apply/own_names.h"
#include "engine/apply/record.h"
#include "engine/base/buf.h"
#include "engine/base/codec.h"
#include "engine/base/err.h"
#include "engine/base/fs.h"
#include "engine/base/who.h"
#include "tests/support/fs_fault.h"
#include "tests/support/tempdir.h"

#include <bsd/string.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void
encode(struct buf *out, struct hash *id)
{
	struct manifest m;
	struct entry en;
	struct err e;
	char name[] = "a.dll";

	memset(&en, 0, sizeof(en));
	en.path = name;
	en.type = ENTRY_FILE;
	en.content.size = 3;
	en.mtime.s = 1000;
	en.content.known = true;
	manifest_init(&m, PATH_OS_WINDOWS);
	(void)strlcpy(m.build, "7.00.2", sizeof(m.build));
	cr_assert_eq(manifest_add(&m, &en, &e), 0);
	buf_init(out, 10000);
	cr_assert_eq(state_encode(&m, 4242, id, out, &e), 0, "%s", e.msg);
	manifest_release(&m);
}

Test(folder_state, round_trip)
{
	struct folder_state s;
	struct tempdir t;
	struct hash id;
	struct buf b;
	struct err e;

	tempdir_open(&t);
	encode(&b, &id);
	cr_assert_eq(state_read(fs_real(), t.fd, OWN_STATE, &s, &e), 0);
	cr_assert_not(s.known);
	tempdir_write(&t, OWN_STATE, buf_data(&b), b.len, -1);
	cr_assert_eq(
	    state_read(fs_real(), t.fd, OWN_STATE, &s, &e), 0, "%s", e.msg);
	cr_assert(s.known);
	cr_assert_eq(s.installed_at, 4242);
	cr_assert(hash_equal(&s.release, &id));
	cr_assert_str_eq(s.manifest.build, "7.00.2");
	cr_assert_eq(s.manifest.n, 1);
	state_release(&s);
	cr_assert_not(s.known);
	cr_assert_eq(s.manifest.n, 0);
	buf_release(&b);
	tempdir_close(&t);
}

Test(folder_state, what_is_cut_is_malformed)
{
	static const uint8_t bytes[HASH_LEN + 8];
	struct folder_state s;
	struct cursor c;
	struct err e;
	size_t n;

	for (n = 0; n <= sizeof(bytes); n++) {
		cursor_init(&c, bytes, n);
		cr_expect_eq(state_decode(&c, &s, &e), ERP_CORRUPT);
		cr_expect_not_null(strstr(e.msg, "malformed"), "%s", e.msg);
	}
}

/* As a program of ours would write it that takes one for the other. */
Test(folder_state, a_release_has_its_own_manifest)
{
	struct folder_state s;
	uint8_t bytes[1000];
	struct cursor c;
	struct hash id;
	struct buf b;
	struct err e;
	size_t n;

	encode(&b, &id);
	cr_assert_eq(record_open(buf_data(&b), b.len, "ERPSTAT1", &c, &e), 0,
	    "%s", e.msg);
	cr_assert_leq(n = c.len, sizeof(bytes));
	memcpy(bytes, c.p, n);
	cursor_init(&c, bytes, n);
	cr_expect_eq(state_decode(&c, &s, &e), 0, "%s", e.msg);
	state_release(&s);
	bytes[0] ^= 1;
	cursor_init(&c, bytes, n);
	cr_expect_eq(state_decode(&c, &s, &e), ERP_CORRUPT);
	cr_expect_str_eq(e.msg, "its manifest is not of its release");
	cr_expect_not(s.known);
	buf_release(&b);
}

/* Another magic stands for all that such a version read and we do not. */
Test(folder_state, what_a_version_with_other_rules_kept_tells_nothing)
{
	struct folder_state s;
	struct tempdir t;
	struct hash id;
	struct buf b, other;
	struct cursor c;
	struct err e;

	tempdir_open(&t);
	encode(&b, &id);
	cr_assert_eq(record_open(buf_data(&b), b.len, "ERPSTAT1", &c, &e), 0);
	((uint8_t *)(uintptr_t)c.p)[HASH_LEN + 8] ^= 1;
	cr_assert_eq(
	    hash_bytes(c.p + HASH_LEN + 8, c.len - HASH_LEN - 8, &id, &e), 0);
	buf_init(&other, 10000);
	cr_assert_eq(record_begin(&other, "ERPSTAT1", &e), 0);
	cr_assert_eq(buf_append(&other, id.b, HASH_LEN, &e), 0);
	cr_assert_eq(
	    buf_append(&other, c.p + HASH_LEN, c.len - HASH_LEN, &e), 0);
	cr_assert_eq(record_end(&other, &e), 0);
	tempdir_write(&t, OWN_STATE, buf_data(&other), other.len, -1);
	cr_assert_eq(
	    state_read(fs_real(), t.fd, OWN_STATE, &s, &e), 0, "%s", e.msg);
	cr_expect_not(s.known);
	cr_expect(s.unread);
	cr_expect_eq(s.manifest.n, 0);
	cr_expect_eq(s.manifest.os, who_os());
	state_release(&s);
	buf_release(&other);
	buf_release(&b);
	tempdir_close(&t);
}

Test(folder_state, damage_is_noticed)
{
	struct folder_state s;
	struct tempdir t;
	struct hash id;
	struct buf b;
	struct err e;
	size_t i;

	tempdir_open(&t);
	encode(&b, &id);
	for (i = 0; i < b.len; i += 7) {
		b.p[i] ^= 1;
		tempdir_write(&t, OWN_STATE, buf_data(&b), b.len, -1);
		cr_assert_eq(state_read(fs_real(), t.fd, OWN_STATE, &s, &e),
		    ERP_CORRUPT, "byte %zu", i);
		cr_assert_not(s.known);
		b.p[i] ^= 1;
	}
	cr_assert(strstr(e.msg, "recovery required") != NULL, "%s", e.msg);
	buf_release(&b);
	tempdir_close(&t);
}

/* In a backup: known where it is that of the release the record tells. */
Test(folder_state, a_backup_s_is_the_one_of_its_record)
{
	struct folder_state s;
	struct fs_fault fault;
	struct backup b;
	struct tempdir t;
	struct buf bytes;
	struct err e;

	tempdir_open(&t);
	tempdir_mkdir(&t, "bkp/.erpsync");
	backup_init(&b);
	encode(&bytes, &b.from);
	cr_expect_eq(backup_state(fs_real(), t.fd, "bkp", &b, &s, &e), 0);
	cr_expect_not(s.known, "there is none");
	state_release(&s);
	tempdir_write(
	    &t, "bkp/.erpsync/state", buf_data(&bytes), bytes.len, -1);
	cr_expect_eq(backup_state(fs_real(), t.fd, "bkp", &b, &s, &e), 0);
	cr_expect(s.known);
	cr_expect_eq(s.manifest.n, 1);
	state_release(&s);
	b.from.b[0] ^= 1;
	cr_expect_eq(backup_state(fs_real(), t.fd, "bkp", &b, &s, &e), 0);
	cr_expect_not(s.known, "it is another's");
	state_release(&s);
	b.from.b[0] ^= 1;
	tempdir_write(
	    &t, "bkp/.erpsync/state", buf_data(&bytes), bytes.len - 1, -1);
	cr_expect_eq(backup_state(fs_real(), t.fd, "bkp", &b, &s, &e), 0);
	cr_expect_not(s.known, "it is damaged");
	state_release(&s);
	fs_fault_init(&fault, fs_real());
	fault.looks = true;
	fs_fault_arm(&fault, FAULT_ONCE, 1, EIO);
	cr_expect_lt(backup_state(&fault.fs, t.fd, "bkp", &b, &s, &e), 0);
	cr_expect_not(s.known);
	state_release(&s);
	buf_release(&bytes);
	backup_release(&b);
	tempdir_close(&t);
}
