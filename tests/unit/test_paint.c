/* Colour: on a terminal that can, and nowhere else. */
#include "cli/paint.h"

#include "tests/support/terminal.h"

#include <criterion/criterion.h>
#include <stdlib.h>

/* What a terminal gets. */
static const char *
painted(enum paint how, char seen[64])
{
	struct terminal t;

	terminal_open(&t, 80);
	paint_print(t.out, how, "text");
	terminal_close(&t, seen, 64);
	return seen;
}

Test(paint, a_terminal_has_colours)
{
	char seen[64];

	(void)setenv("TERM", "xterm", 1);
	(void)unsetenv("NO_COLOR");
	cr_expect_str_eq(painted(PAINT_BAD, seen), "\033[1;31mtext\033[0m");
	cr_expect_str_eq(painted(PAINT_WARNING, seen), "\033[33mtext\033[0m");
	/* Empty, it is as if it were not set. */
	(void)setenv("NO_COLOR", "", 1);
	cr_expect_str_eq(painted(PAINT_WARNING, seen), "\033[33mtext\033[0m");
}

Test(paint, who_wants_none_gets_none)
{
	char seen[64];

	(void)setenv("TERM", "xterm", 1);
	(void)setenv("NO_COLOR", "1", 1);
	cr_expect_str_eq(painted(PAINT_BAD, seen), "text");
	(void)unsetenv("NO_COLOR");
	(void)setenv("TERM", "dumb", 1);
	cr_expect_str_eq(painted(PAINT_BAD, seen), "text");
}

Test(paint, what_is_no_terminal_gets_none)
{
	char *text;
	size_t len;
	FILE *out = tmpfile();

	(void)setenv("TERM", "xterm", 1);
	(void)unsetenv("NO_COLOR");
	cr_assert_not_null(out);
	paint_print(out, PAINT_BAD, "text");
	cr_expect_eq(ftell(out), 4);
	(void)fclose(out);
	/* Not even a file. */
	out = open_memstream(&text, &len);
	paint_print(out, PAINT_BAD, "text");
	(void)fclose(out);
	cr_expect_str_eq(text, "text");
	free(text);
}
