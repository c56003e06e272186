/* Texts on their way to zenity: its escapes, and nothing that is cut. */
#include "cli/window/zenity_text.h"

#include <criterion/criterion.h>
#include <string.h>

static struct window_text
shown(void)
{
	struct window_text t = {.headline = "headline",
	    .file = "a\\033b.dll",
	    .amount = "1 of 2",
	    .left = "0:30",
	    .files = "File 1 of 2",
	    .consequence = "Cancel does this.",
	    .permille = 509};

	return t;
}

Test(zenity_text, share_and_words)
{
	struct window_text t = shown();
	char out[ZENITY_TEXT_MAX];
	size_t n = zenity_text(&t, out);

	cr_expect_str_eq(out,
	    "pulsate:false\n50\n#headline\\na\\\\033b.dll\\n"
	    "1 of 2   0:30\\nFile 1 of 2\\n\\nCancel does this.\n");
	cr_expect_eq(n, strlen(out));
	/* Nobody knows how far. */
	t.permille = 0;
	cr_expect_gt(zenity_text(&t, out), 0);
	cr_expect_eq(strncmp(out, "pulsate:false\n0\n#", 17), 0, "%s", out);
	t.permille = -1;
	t.left[0] = '\0';
	(void)zenity_text(&t, out);
	cr_expect_eq(strncmp(out, "pulsate:true\n0\n#", 16), 0, "%s", out);
	cr_expect_not_null(strstr(out, "\\n1 of 2\\nFile"));
	t.amount[0] = '\0';
	(void)snprintf(t.left, sizeof(t.left), "0:30");
	(void)zenity_text(&t, out);
	cr_expect_not_null(strstr(out, "\\n0:30\\nFile"));
}

/* At 100 its window would close. */
Test(zenity_text, the_end_is_not_told_before_it_is_there)
{
	static const struct {
		int permille;
		const char *line;
	} cases[] = {
	    {0, "\n0\n"}, {989, "\n98\n"}, {999, "\n99\n"}, {1000, "\n99\n"}};
	char out[ZENITY_TEXT_MAX];
	struct window_text t = shown();
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		t.permille = cases[i].permille;
		(void)zenity_text(&t, out);
		cr_expect_not_null(strstr(out, cases[i].line), "%s", out);
	}
}

Test(zenity_text, a_line_is_one_line)
{
	char out[ZENITY_TEXT_MAX], much[ZENITY_TEXT_MAX + 10];
	size_t n = zenity_line("UPD028: what\nC:\\erp", out);

	cr_expect_str_eq(out, "#UPD028: what\\nC:\\\\erp\n");
	cr_expect_eq(n, strlen(out));
	/* So much fits, and no more. */
	memset(much, 'x', sizeof(much));
	much[ZENITY_TEXT_MAX - 4] = '\0';
	cr_expect_eq(zenity_line(much, out), ZENITY_TEXT_MAX - 2);
	cr_expect_eq(strlen(out), ZENITY_TEXT_MAX - 2);
	much[ZENITY_TEXT_MAX - 4] = 'x';
	much[sizeof(much) - 1] = '\0';
	cr_expect_eq(zenity_line(much, out), ZENITY_TEXT_MAX - 1);
	cr_expect_eq(out[ZENITY_TEXT_MAX - 2], '\n');
}

Test(zenity_text, what_is_too_long_is_not_sent)
{
	char out[ZENITY_TEXT_MAX];
	struct window_text t = shown();

	memset(t.headline, 'x', sizeof(t.headline) - 1);
	memset(t.file, 'x', sizeof(t.file) - 1);
	memset(t.amount, 'x', sizeof(t.amount) - 1);
	memset(t.files, 'x', sizeof(t.files) - 1);
	cr_expect_eq(zenity_text(&t, out), 0);
}
