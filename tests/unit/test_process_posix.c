/* A program beside us finds a world as every program expects it. */
#include "cli/process_posix.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* The wait status of a shell with these commands. */
static int
run(const struct process *p, const char *commands)
{
	char shell[] = "sh", option[] = "-c", text[256];
	char *const argv[] = {shell, option, text, NULL};
	int status = 0;
	pid_t pid;

	(void)strcpy(text, commands);
	cr_assert_eq(process_start(p, argv, &pid), 0);
	cr_assert_eq(waitpid(pid, &status, 0), pid);
	return status;
}

Test(process_posix, what_we_ignore_and_block_ends_it)
{
	const struct process p = {.in = -1, .out = -1};
	sigset_t set;
	int status;

	(void)signal(SIGINT, SIG_IGN);
	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGTERM);
	(void)sigprocmask(SIG_BLOCK, &set, NULL);
	status = run(&p, "kill -INT $$; sleep 20");
	cr_expect(WIFSIGNALED(status) && WTERMSIG(status) == SIGINT);
	status = run(&p, "kill -TERM $$; sleep 20");
	cr_expect(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
}

Test(process_posix, it_has_a_group_of_its_own)
{
	const struct process p = {.in = -1, .out = -1};
	int status = run(&p, "kill -KILL 0; sleep 20");

	cr_expect(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

Test(process_posix, folder_environment_and_streams)
{
	char name[] = "WHERE=here";
	char *env[] = {name, NULL};
	int in[2], out[2];
	const char *wanted = "/ here hello\nerror\n";
	char got[64] = "";
	size_t n = 0;
	ssize_t some;
	struct process p = {"/", env, -1, -1};

	cr_assert_eq(pipe(in), 0);
	cr_assert_eq(pipe(out), 0);
	p.in = in[0];
	p.out = out[1];
	cr_assert_eq(write(in[1], "hello\n", 6), 6);
	cr_expect_eq(run(&p, "read x; echo $PWD $WHERE $x; echo error >&2"), 0);
	(void)close(out[1]);
	while ((some = read(out[0], got + n, sizeof(got) - 1 - n)) > 0)
		n += (size_t)some;
	cr_expect_str_eq(got, wanted);
	p.in = p.out = -1;
	cr_expect_eq(run(&p, "! read x && echo out && echo err >&2"), 0);
}

Test(process_posix, no_such_program)
{
	const struct process p = {.in = -1, .out = -1};
	char name[] = "/nonexistent";
	char *const argv[] = {name, NULL};
	pid_t pid;

	cr_expect_eq(process_start(&p, argv, &pid), ENOENT);
}
