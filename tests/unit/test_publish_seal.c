/* The seal file beside an update folder. */
#include "engine/release/publish_seal.h"

#include "engine/base/buf.h"
#include "engine/base/err.h"
#include "engine/base/fs_at.h"
#include "engine/base/fs_file.h"
#include "engine/seal/seal.h"
#include "engine/tree/manifest.h"
#include "tests/support/tempdir.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct scene {
	struct tempdir dir;
	char folder[512];
	struct minisign_secret secret;
	struct publish_sealer sealer;
	struct publish_source src;
	struct manifest m;
	struct buf text;
	struct err e;
};

static void
begin(struct scene *s)
{
	struct entry entry = {.path = (char *)(uintptr_t) "a.txt",
	    .type = ENTRY_FILE,
	    .content = {5, true, {{1}}}};

	memset(s, 0, sizeof(*s));
	tempdir_open(&s->dir);
	(void)snprintf(s->folder, sizeof(s->folder), "%s/update/", s->dir.path);
	cr_assert_eq(minisign_secret_new(&s->secret, &s->e), 0);
	s->sealer = (struct publish_sealer){
	    .secret = &s->secret, .product = "erp", .days = 3};
	s->src = (struct publish_source){
	    .os = PATH_OS_LINUX, .path = s->folder, .build = ""};
	manifest_init(&s->m, PATH_OS_LINUX);
	cr_assert_eq(manifest_add(&s->m, &entry, &s->e), 0);
	buf_init(&s->text, SEAL_TEXT_MAX);
}

static void
end(struct scene *s)
{
	buf_release(&s->text);
	manifest_release(&s->m);
	tempdir_close(&s->dir);
}

static int
take(struct scene *s)
{
	buf_clear(&s->text);
	return publish_seal(fs_real(), &s->src, &s->m, &s->text, &s->e);
}

Test(publish_seal, is_made_beside_the_folder_and_fits)
{
	struct sealed sealed;
	struct scene s;
	char *file;

	begin(&s);
	file = publish_seal_file(s.folder);
	cr_assert_eq(strcmp(file + strlen(file) - 15, "/update.minisig"), 0);
	free(file);
	cr_expect_eq(take(&s), 0, "none is none");
	cr_expect_eq(s.text.len, 0);
	s.src.sealer = &s.sealer;
	cr_assert_eq(take(&s), 0, "%s", s.e.msg);
	cr_assert_eq(take(&s), 0, "%s", s.e.msg);
	s.src.sealer = NULL;
	cr_assert_eq(take(&s), 0, "%s", s.e.msg);
	cr_assert_eq(
	    seal_read(
		(struct seal_text){(const char *)buf_data(&s.text), s.text.len},
		&sealed, NULL, &s.e),
	    0);
	cr_expect_eq(sealed.says.serial, 2, "one more each time");
	cr_expect_eq(sealed.says.expires - sealed.says.issued, 3 * 86400);
	end(&s);
}

/* Read a seal's text. */
static struct sealed
seal_of(struct scene *s, const struct buf *text)
{
	struct sealed out;

	cr_assert_eq(seal_read((struct seal_text){(const char *)buf_data(text),
				   text->len},
			 &out, NULL, &s->e),
	    0, "%s", s->e.msg);
	return out;
}

Test(publish_seal, has_no_number_that_a_new_station_refuses)
{
	struct minisign_secret newer;
	struct buf last;
	struct scene s;

	begin(&s);
	s.src.key = "PathLinux";
	s.src.sealer = &s.sealer;
	s.sealer.serial = SEAL_JUMP_MOST;
	cr_assert_eq(take(&s), 0, "%s", s.e.msg);
	buf_init(&last, SEAL_TEXT_MAX);
	cr_assert_eq(buf_append(&last, buf_data(&s.text), s.text.len, &s.e), 0);
	cr_expect_eq(publish_seal_follows(&s.src, &last, &s.text, true, &s.e),
	    0, "the same one");
	cr_expect_eq(publish_seal_follows(&s.src, &last, &s.text, false, &s.e),
	    ERP_UNSEALED);
	cr_expect_not_null(
	    strstr(s.e.msg,
		"PathLinux: the seal has the serial number 1048576, "
		"that before it 1048576; stations refuse it, and "
		"no higher one is for all"),
	    "%s", s.e.msg);
	s.sealer.serial = 0;
	cr_expect_eq(take(&s), ERP_USAGE);
	cr_expect_not_null(
	    strstr(s.e.msg, "the serial number 1048577, and"), "%s", s.e.msg);
	s.sealer.serial = SEAL_JUMP_MOST + 1;
	cr_expect_eq(take(&s), ERP_USAGE);
	/* As it says: a new key begins anew, if it takes that one's place. */
	cr_assert_eq(minisign_secret_new(&newer, &s.e), 0);
	s.sealer.serial = 1;
	s.sealer.secret = &newer;
	cr_assert_eq(take(&s), 0, "%s", s.e.msg);
	cr_expect_eq(seal_of(&s, &s.text).says.serial, 1);
	cr_expect_eq(publish_seal_follows(&s.src, &last, &s.text, false, &s.e),
	    ERP_UNSEALED);
	s.sealer.older = &s.secret;
	cr_assert_eq(take(&s), 0, "%s", s.e.msg);
	cr_expect_eq(publish_seal_follows(&s.src, &last, &s.text, false, &s.e),
	    0, "%s", s.e.msg);
	buf_release(&last);
	end(&s);
}

Test(publish_seal, what_does_not_fit_is_not_published)
{
	struct minisign_secret other;
	struct scene s;

	begin(&s);
	s.src.seal_key = &s.secret.key;
	cr_expect_eq(take(&s), ERP_UNSEALED);
	s.src.sealer = &s.sealer;
	cr_assert_eq(take(&s), 0, "%s", s.e.msg);
	s.src.sealer = NULL;
	cr_expect_eq(take(&s), 0);
	s.m.v[0].content.size++;
	cr_expect_eq(take(&s), ERP_MIXED);
	cr_expect_not_null(strstr(s.e.msg, "copy both"));
	s.m.v[0].content.size--;
	(void)strcpy(s.m.build, "7.00");
	cr_expect_eq(take(&s), ERP_MIXED);
	cr_expect_not_null(
	    strstr(s.e.msg, "served as linux and build '7.00'"), "%s", s.e.msg);
	s.m.build[0] = '\0';
	s.m.os = PATH_OS_WINDOWS;
	cr_expect_eq(take(&s), ERP_MIXED);
	cr_expect_not_null(
	    strstr(s.e.msg, "says linux and build '', it is served as windows"),
	    "%s", s.e.msg);
	s.m.os = PATH_OS_LINUX;
	cr_assert_eq(minisign_secret_new(&other, &s.e), 0);
	s.src.seal_key = &other.key;
	cr_expect_eq(take(&s), ERP_UNSEALED);
	s.src.sealer = &s.sealer;
	cr_expect_eq(take(&s), ERP_UNSEALED, "before the file is written");
	s.src.sealer = NULL;
	s.src.seal_key = &s.secret.key;
	cr_expect_eq(take(&s), 0, "%s", s.e.msg);
	tempdir_text(&s.dir, "update.minisig", "no seal", -1);
	cr_expect_eq(take(&s), ERP_CORRUPT);
	end(&s);
}
