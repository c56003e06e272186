/* Which files a server may be told about. */
#include "engine/tree/kind.h"

#include "engine/tree/manifest.h"

#include <criterion/criterion.h>
#include <string.h>

static struct entry
file(const char *path)
{
	return (struct entry){.path = (char *)(uintptr_t)path,
	    .type = ENTRY_FILE,
	    .content.size = 1,
	    .is_public = true};
}

Test(kind, settings_and_programs_are_told_by_name)
{
	static const char *const programs[] = {"a.EXE", "d/b.dll", "libx.so",
	    "libx.so.1.2", "icons/x.PNG", "main.rpo"};
	static const char *const others[] = {"a", "exe", ".exe", "local.dat",
	    "notes.txt", "libx.so.bak", "app.exe.old", "d.exe/key.pem", "x.db"};
	size_t i;

	cr_expect(kind_is_ini("smartclient.ini"));
	cr_expect(kind_is_ini("d/LOCAL.INI"));
	cr_expect_not(kind_is_ini("ini"));
	cr_expect_not(kind_is_ini("a.ini/b"));
	for (i = 0; i < sizeof(programs) / sizeof(programs[0]); i++)
		cr_expect(kind_is_program(programs[i]), "%s", programs[i]);
	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		cr_expect_not(kind_is_program(others[i]), "%s", others[i]);
}

Test(kind, what_runs_is_told_from_what_comes_with_it)
{
	cr_expect(kind_is_code("d/a.DLL"));
	cr_expect(kind_is_code("libx.so.1.2"));
	cr_expect(kind_is_code("main.rpo"));
	cr_expect_not(kind_is_code("icons/x.png"));
	cr_expect_not(kind_is_code("a.ini"));
}

static bool
is_secret(const char *path, bool is_public, const struct manifest *installed)
{
	struct manifest have;
	struct entry en = file(path);
	bool secret;

	manifest_init(&have, PATH_OS_LINUX);
	en.is_public = is_public;
	cr_assert_eq(manifest_add(&have, &en, NULL), 0);
	kind_mark_secrets(&have, installed);
	secret = have.v[0].is_secret;
	manifest_release(&have);
	return secret;
}

Test(kind, what_is_secret)
{
	struct manifest installed;
	struct entry en = file("data.db");

	manifest_init(&installed, PATH_OS_LINUX);
	cr_assert_eq(manifest_add(&installed, &en, NULL), 0);
	cr_expect(is_secret("data.db", true, NULL));
	cr_expect(is_secret("other.db", true, &installed));
	cr_expect_not(is_secret("data.db", false, &installed));
	cr_expect_not(is_secret("a.exe", true, NULL));
	cr_expect(is_secret("a.exe", false, NULL));
	cr_expect(is_secret("a.ini", true, NULL));
	manifest_release(&installed);
	en = file("a.ini");
	cr_assert_eq(manifest_add(&installed, &en, NULL), 0);
	cr_expect(is_secret("a.ini", true, &installed));
	manifest_release(&installed);
}

/* A folder with "client", which has an exec bit, and "notes". */
static bool
client_is_secret(enum path_os os, bool notes_exec)
{
	struct entry client = file("client"), notes = file("notes");
	struct manifest have;
	bool secret;

	client.exec = true;
	notes.exec = notes_exec;
	manifest_init(&have, os);
	cr_assert_eq(manifest_add(&have, &client, NULL), 0);
	cr_assert_eq(manifest_add(&have, &notes, NULL), 0);
	kind_mark_secrets(&have, NULL);
	cr_expect(have.v[1].is_secret);
	secret = have.v[0].is_secret;
	manifest_release(&have);
	return secret;
}

Test(kind, an_exec_bit_makes_a_program_where_there_are_some)
{
	struct entry alone = file("client");
	struct manifest have;

	cr_expect_not(client_is_secret(PATH_OS_LINUX, false));
	cr_expect(client_is_secret(PATH_OS_LINUX, true));
	cr_expect(client_is_secret(PATH_OS_WINDOWS, false));
	alone.exec = true;
	manifest_init(&have, PATH_OS_LINUX);
	cr_assert_eq(manifest_add(&have, &alone, NULL), 0);
	kind_mark_secrets(&have, NULL);
	cr_expect_not(have.v[0].is_secret);
	manifest_release(&have);
}
