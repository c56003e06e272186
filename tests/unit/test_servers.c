/* The keys of known servers, in a text that people may change. */
#include "engine/apply/servers.h"

#include "engine/apply/folder_internal.h"
#include "engine/base/err.h"
#include "tests/support/tempdir.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct known {
	struct tempdir t;
	struct folder f;
	struct err e;
	char pin[SERVERS_PIN_MAX + 1];
};

static void
known_open(struct known *k)
{
	memset(k, 0, sizeof(*k));
	tempdir_open(&k->t);
	k->f.fs = fs_real();
	k->f.own = k->t.fd;
}

Test(servers, each_has_the_key_that_it_had_last)
{
	struct known k;
	struct stat st;

	known_open(&k);
	cr_expect_eq(servers_find(&k.f, "a:1", k.pin, &k.e), 0);
	cr_expect_str_eq(k.pin, "");
	cr_assert_eq(servers_keep(&k.f, "a:1", "p1", &k.e), 0, "%s", k.e.msg);
	cr_assert_eq(servers_keep(&k.f, "a:10", "p10", &k.e), 0);
	cr_assert_eq(servers_keep(&k.f, "a:1", "p2", &k.e), 0);
	cr_expect_eq(servers_find(&k.f, "a:1", k.pin, &k.e), 2);
	cr_expect_str_eq(k.pin, "p2");
	cr_expect_eq(servers_find(&k.f, "a:10", k.pin, &k.e), 1);
	cr_expect_str_eq(k.pin, "p10");
	cr_expect_eq(servers_find(&k.f, "a:", k.pin, &k.e), 0);
	cr_expect(tempdir_is_text(&k.t, "servers", "a:10 p10\na:1 p2\n"));
	cr_assert_eq(fstatat(k.t.fd, "servers", &st, 0), 0);
	cr_expect_eq(st.st_mode & 0777, 0600);
	tempdir_close(&k.t);
}

Test(servers, what_is_known_already_is_not_written_again)
{
	struct known k;
	struct stat before, after;

	known_open(&k);
	cr_assert_eq(servers_keep(&k.f, "a:1", "p", &k.e), 0);
	cr_assert_eq(fstatat(k.t.fd, "servers", &before, 0), 0);
	cr_assert_eq(servers_keep(&k.f, "a:1", "p", &k.e), 0);
	cr_assert_eq(fstatat(k.t.fd, "servers", &after, 0), 0);
	cr_expect_eq(before.st_ino, after.st_ino);
	tempdir_close(&k.t);
}

Test(servers, names_and_keys_have_a_length)
{
	char text[500], name[302], pin[SERVERS_PIN_MAX + 2];
	struct known k;
	int i;

	known_open(&k);
	for (i = 0; i < 3; i++) {
		memset(name, 'n', sizeof(name));
		memset(pin, 'p', sizeof(pin));
		name[i == 1 ? 301 : 300] = '\0';
		pin[i == 2 ? SERVERS_PIN_MAX + 1 : SERVERS_PIN_MAX] = '\0';
		(void)snprintf(text, sizeof(text), "%s %s\n", name, pin);
		tempdir_text(&k.t, "servers", text, -1);
		cr_expect_eq(servers_find(&k.f, name, k.pin, &k.e),
		    i == 0 ? 1 : ERP_BLOCKED, "%d", i);
		if (i == 0)
			cr_expect_str_eq(k.pin, pin);
	}
	tempdir_close(&k.t);
}

/* 64 KiB of them. */
Test(servers, so_many_are_read_and_no_more)
{
	enum { LIMIT = 64 * 1024 };
	static char text[LIMIT + 2];
	struct known k;
	size_t i;

	known_open(&k);
	for (i = 0; i < LIMIT; i++)
		text[i] = "a:1 aaa\n"[i % 8];
	tempdir_text(&k.t, "servers", text, -1);
	cr_expect_gt(servers_find(&k.f, "a:1", k.pin, &k.e), 0, "%s", k.e.msg);
	memcpy(text + LIMIT - 1, "a\n", 3);
	tempdir_text(&k.t, "servers", text, -1);
	cr_expect_lt(servers_find(&k.f, "a:1", k.pin, &k.e), 0);
	tempdir_close(&k.t);
}

/* What cannot be read is no leave to begin anew. */
Test(servers, a_damaged_text_says_nothing)
{
	static const char *const bad[] = {"a:1 p", "a:1\n", "\n", " p\n",
	    "a:1 \n", "a:1 p q\n", "b:1 p\na:1\n"};
	struct known k;
	size_t i;

	known_open(&k);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		tempdir_text(&k.t, "servers", bad[i], -1);
		cr_expect_eq(servers_find(&k.f, "a:1", k.pin, &k.e),
		    ERP_BLOCKED, "%zu", i);
		cr_expect_not_null(strstr(k.e.msg,
				       i == 6 ? ".erpsync/servers:2: is not"
					      : ".erpsync/servers:1: is not"),
		    "%s", k.e.msg);
		cr_expect_eq(servers_keep(&k.f, "a:1", "p", &k.e), ERP_BLOCKED);
		cr_expect(tempdir_is_text(&k.t, "servers", bad[i]));
		cr_assert_eq(unlinkat(k.t.fd, "servers", 0), 0);
	}
	tempdir_text(&k.t, "servers", "b:1 p\na:1 q\n", -1);
	cr_expect_eq(servers_find(&k.f, "a:1", k.pin, &k.e), 2);
	cr_expect_eq(servers_blame(2, &k.e), ERP_BLOCKED);
	cr_expect_not_null(strstr(k.e.msg, ".erpsync/servers:2: is not"));
	cr_assert_eq(unlinkat(k.t.fd, "servers", 0), 0);
	/* In its place is what cannot be read. */
	tempdir_mkdir(&k.t, "servers");
	cr_expect_eq(servers_find(&k.f, "a:1", k.pin, &k.e), ERP_BLOCKED);
	cr_expect_str_eq(k.e.msg,
	    ".erpsync/servers: is no file of servers and their keys; move it "
	    "away");
	k.f.own = -1;
	cr_expect_eq(servers_find(&k.f, "a:1", k.pin, &k.e), 0,
	    "a folder that is none of ours knows nobody");
	tempdir_close(&k.t);
}

/* An INI as stations have, which others who may look can read. */
Test(servers, the_last_one_is_written_where_it_is_another)
{
	static const char text[] = "[ErpSync]\nServer=a\nPort=65535\n";
	static const char other[] = "[ErpSync]\nServer=b::1\nPort=1\n";
	struct known k;
	struct stat before, after;

	known_open(&k);
	cr_assert_eq(fchmod(k.t.fd, 0755), 0);
	cr_assert_eq(
	    servers_keep_last(&k.f, "a", 65535, &k.e), 0, "%s", k.e.msg);
	cr_expect(tempdir_is_text(&k.t, "last-server.ini", text));
	cr_assert_eq(fstatat(k.t.fd, "last-server.ini", &before, 0), 0);
	cr_expect_eq(before.st_mode & 0777, 0644);
	cr_assert_eq(servers_keep_last(&k.f, "a", 65535, &k.e), 0);
	cr_assert_eq(fstatat(k.t.fd, "last-server.ini", &after, 0), 0);
	cr_expect_eq(before.st_ino, after.st_ino, "it was written again");
	cr_assert_eq(servers_keep_last(&k.f, "b::1", 1, &k.e), 0);
	cr_expect(tempdir_is_text(&k.t, "last-server.ini", other));
	cr_assert_eq(servers_keep_last(&k.f, "b::1", 2, &k.e), 0);
	cr_expect(!tempdir_is_text(&k.t, "last-server.ini", other));
	tempdir_close(&k.t);
}

Test(servers, a_damaged_last_one_is_none)
{
	static const char *const bad[] = {"", "[ErpSync]\nServer=a\nPort=1",
	    "[ErpSync]\nServer=a\nPort=1\n\n", "[ErpSync]\nServer=a\nPort=2\n"};
	static const char text[] = "[ErpSync]\nServer=a\nPort=1\n";
	char name[256], much[1000];
	struct known k;
	size_t i;

	known_open(&k);
	memset(much, 'x', sizeof(much));
	tempdir_write(&k.t, "last-server.ini", much, sizeof(much), -1);
	cr_assert_eq(servers_keep_last(&k.f, "a", 1, &k.e), 0, "%s", k.e.msg);
	cr_expect(tempdir_is_text(&k.t, "last-server.ini", text));
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		tempdir_text(&k.t, "last-server.ini", bad[i], -1);
		cr_assert_eq(servers_keep_last(&k.f, "a", 1, &k.e), 0);
		cr_expect(
		    tempdir_is_text(&k.t, "last-server.ini", text), "%zu", i);
	}
	memset(name, 'n', sizeof(name));
	name[255] = '\0';
	cr_assert_eq(servers_keep_last(&k.f, name, 65535, &k.e), 0);
	(void)snprintf(
	    much, sizeof(much), "[ErpSync]\nServer=%s\nPort=65535\n", name);
	cr_expect(tempdir_is_text(&k.t, "last-server.ini", much));
	/* In its place is what cannot be written over. */
	cr_assert_eq(unlinkat(k.t.fd, "last-server.ini", 0), 0);
	tempdir_mkdir(&k.t, "last-server.ini");
	cr_expect_lt(servers_keep_last(&k.f, "a", 1, &k.e), 0);
	cr_expect_not_null(strstr(k.e.msg, ".erpsync"), "%s", k.e.msg);
	tempdir_close(&k.t);
}
