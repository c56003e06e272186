/*
 * measure: what a process costs.
 *   measure OUT PROGRAM ARGS...  run it; then OUT has one line: wall seconds,
 *                                CPU seconds and peak KiB of one process, with
 *                                all children that were waited for, and status
 *   measure -p PID               CPU seconds and peak KiB of a running process
 *   measure -r PID               begin a new peak
 *   measure -w PID               sample the memory of PID and its children
 *                                until SIGTERM, then print the highest sum, KiB
 */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t child; /* signals are passed on to it */
static volatile sig_atomic_t stop;

static void
on_signal(int sig)
{
	stop = 1;
	if (child > 0)
		kill(child, sig);
}

static double
seconds(clockid_t clock)
{
	struct timespec t;

	if (clock_gettime(clock, &t) != 0)
		return 0;
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double
timeval_seconds(const struct timeval *t)
{
	return (double)t->tv_sec + (double)t->tv_usec / 1e6;
}

/* The number of a line "KEY: number kB" of a file of /proc, or 0. */
static uint64_t
proc_kib(pid_t pid, const char *file, const char *key)
{
	char path[64], line[256];
	uint64_t kib = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%ld/%s", (long)pid, file);
	if ((f = fopen(path, "r")) == NULL)
		return 0;
	while (fgets(line, sizeof(line), f) != NULL)
		if (strncmp(line, key, strlen(key)) == 0) {
			kib = strtoull(line + strlen(key), NULL, 10);
			break;
		}
	fclose(f);
	return kib;
}

/* Shared pages count in parts, so that the sum over processes is right. */
static uint64_t
family_kib(pid_t pid)
{
	char path[64];
	uint64_t kib = proc_kib(pid, "smaps_rollup", "Pss:");
	FILE *f;
	long kid;

	snprintf(path, sizeof(path), "/proc/%ld/task/%ld/children", (long)pid,
	    (long)pid);
	if ((f = fopen(path, "r")) == NULL)
		return kib;
	while (fscanf(f, "%ld", &kid) == 1)
		kib += proc_kib((pid_t)kid, "smaps_rollup", "Pss:");
	fclose(f);
	return kib;
}

static int
watch(pid_t pid)
{
	const struct timespec pause = {0, 50000000};
	uint64_t max = 0, now;

	while (!stop && kill(pid, 0) == 0) {
		if ((now = family_kib(pid)) > max)
			max = now;
		nanosleep(&pause, NULL);
	}
	printf("%" PRIu64 "\n", max);
	return 0;
}

static int
running(const char *what, pid_t pid)
{
	char path[64];
	clockid_t clock;
	FILE *f;

	if (strcmp(what, "-w") == 0)
		return watch(pid);
	if (strcmp(what, "-p") == 0) {
		if (clock_getcpuclockid(pid, &clock) != 0)
			return 1;
		printf("%.6f %" PRIu64 "\n", seconds(clock),
		    proc_kib(pid, "status", "VmHWM:"));
		return 0;
	}
	snprintf(path, sizeof(path), "/proc/%ld/clear_refs", (long)pid);
	if ((f = fopen(path, "w")) == NULL)
		return 1;
	fputs("5", f);
	return fclose(f) == 0 ? 0 : 1;
}

static int
run(const char *out, char **argv)
{
	double begin = seconds(CLOCK_MONOTONIC), wall;
	struct rusage use;
	int status, code;
	FILE *f;

	if ((child = fork()) == -1)
		return 1;
	if (child == 0) {
		execvp(argv[0], argv);
		perror(argv[0]);
		_exit(127);
	}
	while (wait4(child, &status, 0, &use) == -1)
		if (errno != EINTR)
			return 1;
	wall = seconds(CLOCK_MONOTONIC) - begin;
	code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	if ((f = fopen(out, "w")) == NULL)
		return 1;
	fprintf(f, "%.4f %.4f %ld %d\n", wall,
	    timeval_seconds(&use.ru_utime) + timeval_seconds(&use.ru_stime),
	    use.ru_maxrss, code);
	return fclose(f) == 0 ? code : 1;
}

int
main(int argc, char **argv)
{
	struct sigaction act = {.sa_handler = on_signal};

	if (argc < 3) {
		fputs("usage: measure OUT PROGRAM ARGS... | -p|-r|-w PID\n",
		    stderr);
		return 1;
	}
	sigaction(SIGTERM, &act, NULL);
	sigaction(SIGINT, &act, NULL);
	if (argv[1][0] == '-')
		return running(argv[1], (pid_t)atol(argv[2]));
	return run(argv[1], argv + 2);
}
