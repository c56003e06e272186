/* What a plan knows of live files, for their backup. */
#include "engine/apply/apply_internal.h"

#include "engine/apply/backup.h"
#include "engine/apply/folder_internal.h"
#include "engine/tree/manifest.h"
#include "engine/tree/plan.h"

#include <criterion/criterion.h>
#include <string.h>

/* Contents, by the first byte of their hash; 0: not known. */
enum { NONE, LIVE, RELEASE, OLD };

static struct entry
file(int content)
{
	struct entry x = {.type = ENTRY_FILE};

	x.content.known = content != NONE;
	x.content.size = 100 + (uint64_t)content;
	x.content.hash.b[0] = (uint8_t)content;
	return x;
}

/* A file is as its release brought it if a hash says so, or, without one, if
 * size and time do.  Its content is told only where it is known: what is taken
 * for another's can never be brought back. */
Test(apply_hints, what_is_live_is_told_from_what_was_installed)
{
	static const struct {
		enum action_kind kind;
		int have, want, was; /* want < 0: the release has it not */
		bool pristine, goes;
		int content;
	} rows[] = {
	    {ACTION_SAME, NONE, RELEASE, OLD, true, false, RELEASE},
	    {ACTION_SAME, RELEASE, RELEASE, OLD, true, false, RELEASE},
	    {ACTION_META, RELEASE, RELEASE, OLD, true, true, RELEASE},
	    {ACTION_META, NONE, RELEASE, OLD, false, true, NONE},
	    {ACTION_CHANGED, NONE, RELEASE, OLD, false, true, NONE},
	    {ACTION_CHANGED, LIVE, RELEASE, OLD, false, true, LIVE},
	    {ACTION_CHANGED, LIVE, NONE, OLD, false, true, LIVE},
	    {ACTION_CHANGED, OLD, RELEASE, OLD, true, true, OLD},
	    {ACTION_CHANGED, OLD, RELEASE, NONE, false, true, OLD},
	    {ACTION_DELETE, OLD, -1, OLD, true, true, OLD},
	    {ACTION_DELETE, LIVE, -1, OLD, false, true, LIVE},
	    {ACTION_DELETE, NONE, -1, OLD, false, true, NONE},
	};
	char path[] = "a";
	struct backup_hints hints;
	struct entry have, want, was;
	struct action action;
	struct plan plan = {.v = &action, .n = 1};
	struct folder f;
	struct err e;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		memset(&hints, 0, sizeof(hints));
		memset(&f, 0, sizeof(f));
		have = file(rows[i].have);
		want = file(rows[i].want < 0 ? NONE : rows[i].want);
		was = file(rows[i].was);
		have.path = want.path = was.path = path;
		have.raw.s = 77;
		f.state.known = true;
		f.state.manifest.v = &was;
		f.state.manifest.n = 1;
		action = (struct action){.kind = rows[i].kind,
		    .want = rows[i].want < 0 ? NULL : &want,
		    .have = &have};
		cr_assert_eq(apply_hints(&f, &plan, &hints, &e), 0);
		cr_assert_eq(hints.n, 1);
		cr_expect_eq(hints.v[0].pristine, rows[i].pristine, "%zu", i);
		cr_expect_eq(hints.v[0].goes, rows[i].goes, "%zu", i);
		cr_expect_eq(hints.v[0].content.known, rows[i].content != NONE);
		cr_expect_eq(hints.v[0].content.hash.b[0], rows[i].content,
		    "%zu: %d", i, hints.v[0].content.hash.b[0]);
		cr_expect_eq(hints.v[0].mtime.s, 77);
		backup_hints_release(&hints);
	}
}

/* Nor is anything known of a release where none was installed. */
Test(apply_hints, without_a_release_only_the_wanted_one_is_known)
{
	char path[] = "a";
	struct backup_hints hints = {.n = 0};
	struct entry have = file(OLD), want = file(RELEASE), was = file(OLD);
	struct action action = {
	    .kind = ACTION_CHANGED, .want = &want, .have = &have};
	struct plan plan = {.v = &action, .n = 1};
	struct folder f;
	struct err e;

	memset(&f, 0, sizeof(f));
	have.path = want.path = was.path = path;
	f.state.manifest.v = &was;
	f.state.manifest.n = 1;
	cr_assert_eq(apply_hints(&f, &plan, &hints, &e), 0);
	cr_assert_eq(hints.n, 1);
	cr_expect_not(hints.v[0].pristine);
	backup_hints_release(&hints);
}

/* What is no file has no content, and the station's own is its own. */
Test(apply_hints, others_have_none)
{
	char paths[3][2] = {"c", "b", "a"};
	struct backup_hints hints = {.n = 0};
	struct entry have[3], want = file(RELEASE);
	struct action v[] = {
	    {.kind = ACTION_EXTRA, .have = &have[0]},
	    {.kind = ACTION_CHANGED, .want = &want, .have = &have[1]},
	    {.kind = ACTION_NEW, .want = &want},
	    {.kind = ACTION_SAME, .want = &want, .have = &have[2]},
	    {.kind = ACTION_SAME, .want = &want, .have = &have[0]},
	};
	struct plan plan = {.v = v, .n = sizeof(v) / sizeof(v[0])};
	struct folder f;
	struct err e;
	size_t at = 0;
	int i;

	memset(&f, 0, sizeof(f));
	for (i = 0; i < 3; i++) {
		have[i] = file(NONE);
		have[i].path = paths[i];
		have[i].ino = 7 + (uint64_t)i;
	}
	have[1].type = ENTRY_SYMLINK;
	cr_assert_eq(apply_hints(&f, &plan, &hints, &e), 0);
	cr_assert_eq(hints.n, 2);
	cr_expect_str_eq(hints.v[0].path, "a");
	cr_expect_str_eq(hints.v[1].path, "c");
	cr_assert_eq(backup_hints_next(&hints, "c", &at), &hints.v[1]);
	cr_expect_eq(hints.v[1].ino, 7);
	backup_hints_release(&hints);
}
