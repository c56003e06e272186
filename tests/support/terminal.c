#define _XOPEN_SOURCE 700 /* posix_openpt */
#include "tests/support/terminal.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

void
terminal_open(struct terminal *t, unsigned short columns)
{
	struct winsize size = {.ws_row = 25, .ws_col = columns};
	struct termios raw;
	int end;

	t->fd = posix_openpt(O_RDWR | O_NOCTTY);
	cr_assert_geq(t->fd, 0);
	cr_assert_eq(grantpt(t->fd), 0);
	cr_assert_eq(unlockpt(t->fd), 0);
	end = open(ptsname(t->fd), O_RDWR | O_NOCTTY);
	cr_assert_geq(end, 0);
	cr_assert_eq(tcgetattr(end, &raw), 0);
	cfmakeraw(&raw);
	cr_assert_eq(tcsetattr(end, TCSANOW, &raw), 0);
	cr_assert_eq(ioctl(end, TIOCSWINSZ, &size), 0);
	t->out = fdopen(end, "w");
	cr_assert_not_null(t->out);
}

void
terminal_close(struct terminal *t, char *text, size_t cap)
{
	size_t used = 0;
	ssize_t n;

	/* Once its other end is closed, what is left is followed by an error.
	 */
	(void)fclose(t->out);
	while ((n = read(t->fd, text + used, cap - 1 - used)) > 0)
		used += (size_t)n;
	text[used] = '\0';
	(void)close(t->fd);
}
