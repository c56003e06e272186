/*
 * killpoint [-k N [-a]] [-c] [-l LIST] -o RESULT DIR COMMAND [ARG]...: run a
 * command and count its calls that change something below DIR.  At the N-th
 * call it is killed, before the call runs or (-a) after; without -k it runs
 * to its end.  With -c the file system of DIR loses its power at that moment,
 * or at the command's end when it makes fewer calls: nothing that is only in
 * memory reaches the disk any more.
 *
 * RESULT is one line: "killed N before|after CALL PATH" or "ended CODE CALLS".
 * LIST gets a line "CALL PATH" for each call.  Nothing is preloaded: a seccomp
 * filter stops the command at its changing calls only.
 */
#define _GNU_SOURCE

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/fs.h>
#include <linux/openat2.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

/* The same for ext4 (EXT4_IOC_SHUTDOWN), xfs (XFS_IOC_GOINGDOWN), f2fs. */
#define SHUTDOWN _IOR('X', 125, uint32_t)
enum { NO_LOG_FLUSH = 2, PATH_CAP = 4096 };

enum when { ALWAYS, IF_CREATING, IF_CREATING_2, IF_CLONING };

struct call {
	const char *name;
	int nr;
	int dir_arg; /* the argument that is a descriptor below DIR */
	int name_arg; /* the argument that is a name in it, or -1 */
	enum when when;
};

static const struct call calls[] = {
    {"openat", SYS_openat, 0, 1, IF_CREATING},
    {"openat2", SYS_openat2, 0, 1, IF_CREATING_2},
    {"write", SYS_write, 0, -1, ALWAYS},
    {"pwrite64", SYS_pwrite64, 0, -1, ALWAYS},
    {"writev", SYS_writev, 0, -1, ALWAYS},
    {"copy_file_range", SYS_copy_file_range, 2, -1, ALWAYS},
    {"ioctl", SYS_ioctl, 0, -1, IF_CLONING},
    {"fsync", SYS_fsync, 0, -1, ALWAYS},
    {"syncfs", SYS_syncfs, 0, -1, ALWAYS},
    {"fdatasync", SYS_fdatasync, 0, -1, ALWAYS},
    {"fallocate", SYS_fallocate, 0, -1, ALWAYS},
    {"ftruncate", SYS_ftruncate, 0, -1, ALWAYS},
    {"fchmod", SYS_fchmod, 0, -1, ALWAYS},
    {"fchown", SYS_fchown, 0, -1, ALWAYS},
    {"fsetxattr", SYS_fsetxattr, 0, -1, ALWAYS},
    {"fremovexattr", SYS_fremovexattr, 0, -1, ALWAYS},
    {"utimensat", SYS_utimensat, 0, 1, ALWAYS},
    {"mkdirat", SYS_mkdirat, 0, 1, ALWAYS},
    {"unlinkat", SYS_unlinkat, 0, 1, ALWAYS},
    {"symlinkat", SYS_symlinkat, 1, 2, ALWAYS},
    {"linkat", SYS_linkat, 2, 3, ALWAYS},
    {"renameat", SYS_renameat, 2, 3, ALWAYS},
    {"renameat2", SYS_renameat2, 2, 3, ALWAYS},
};
enum { CALLS_N = sizeof(calls) / sizeof(calls[0]) };

struct run {
	const char *dir;
	size_t dir_len;
	const char *result;
	uint64_t point; /* 0: none */
	bool after;
	bool cut;
	FILE *list; /* NULL: none */
	uint64_t count;
	pid_t child;
};

static void
die(const char *what)
{
	fprintf(stderr, "killpoint: %s: %s\n", what, strerror(errno));
	exit(2);
}

static int
install_filter(void)
{
	struct sock_filter f[CALLS_N + 3];
	struct sock_fprog prog = {CALLS_N + 3, f};
	size_t i;

	f[0] = (struct sock_filter)BPF_STMT(
	    BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
	for (i = 0; i < CALLS_N; i++)
		f[1 + i] =
		    (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
			(uint32_t)calls[i].nr, (uint8_t)(CALLS_N - i), 0);
	f[1 + CALLS_N] =
	    (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	f[2 + CALLS_N] =
	    (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return -1;
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog);
}

static void
start(struct run *r, char **argv)
{
	int status;

	r->child = fork();
	if (r->child < 0)
		die("fork");
	if (r->child == 0) {
		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0)
			die("trace");
		(void)raise(SIGSTOP);
		if (install_filter() != 0)
			die("seccomp");
		(void)execv(argv[0], argv);
		die(argv[0]);
	}
	if (waitpid(r->child, &status, 0) != r->child || !WIFSTOPPED(status))
		die("start");
	if (ptrace(PTRACE_SETOPTIONS, r->child, NULL,
		(void *)(PTRACE_O_EXITKILL | PTRACE_O_TRACESYSGOOD |
		    PTRACE_O_TRACESECCOMP | PTRACE_O_TRACECLONE |
		    PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK)) != 0 ||
	    ptrace(PTRACE_CONT, r->child, NULL, NULL) != 0)
		die("options");
}

/* The command's memory up to a NUL or cap; cut at the end of a page. */
static void
peek_text(pid_t pid, uint64_t from, char *to, size_t cap)
{
	size_t page = 4096 - (size_t)(from % 4096);
	struct iovec in = {to, page < cap ? page : cap - 1};
	struct iovec out = {(void *)(uintptr_t)from, in.iov_len};
	ssize_t got = process_vm_readv(pid, &in, 1, &out, 1, 0);

	to[got < 0 ? 0 : got] = '\0';
}

static bool
applies(pid_t pid, const struct call *c, const uint64_t *args)
{
	struct open_how how = {0};
	struct iovec in = {&how, sizeof(how)};
	struct iovec out = {(void *)(uintptr_t)args[2], sizeof(how)};

	switch (c->when) {
	case IF_CREATING:
		return (args[2] & (O_CREAT | O_TRUNC)) != 0;
	case IF_CREATING_2:
		return process_vm_readv(pid, &in, 1, &out, 1, 0) > 0 &&
		    (how.flags & (O_CREAT | O_TRUNC)) != 0;
	case IF_CLONING:
		return args[1] == FICLONE;
	case ALWAYS:
		break;
	}
	return true;
}

/* Does the stopped call change something below DIR?  *c and path tell what. */
static bool
counts(const struct run *r, pid_t pid, const struct call **c, char *path)
{
	struct __ptrace_syscall_info info;
	char link[64];
	ssize_t n;
	size_t i;
	int fd;

	memset(&info, 0, sizeof(info));
	if (ptrace(PTRACE_GET_SYSCALL_INFO, pid, (void *)sizeof(info), &info) <
	    0)
		return false;
	for (i = 0; i < CALLS_N; i++)
		if ((uint64_t)calls[i].nr == info.seccomp.nr)
			break;
	if (i == CALLS_N || !applies(pid, &calls[i], info.seccomp.args))
		return false;
	*c = &calls[i];
	fd = (int)info.seccomp.args[calls[i].dir_arg];
	if (fd == AT_FDCWD)
		(void)snprintf(link, sizeof(link), "/proc/%d/cwd", (int)pid);
	else
		(void)snprintf(
		    link, sizeof(link), "/proc/%d/fd/%d", (int)pid, fd);
	n = readlink(link, path, PATH_CAP - 1);
	path[n < 0 ? 0 : n] = '\0';
	if (strncmp(path, r->dir, r->dir_len) != 0)
		return false;
	memmove(path, path + r->dir_len, strlen(path + r->dir_len) + 1);
	if (calls[i].name_arg >= 0) {
		n = (ssize_t)strlen(path);
		path[n++] = '/';
		peek_text(pid, info.seccomp.args[calls[i].name_arg], path + n,
		    PATH_CAP - (size_t)n);
	}
	return true;
}

static void
cut_power(const struct run *r)
{
	uint32_t flags = NO_LOG_FLUSH;
	int fd = open(r->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 || ioctl(fd, SHUTDOWN, &flags) != 0)
		die("shutdown of the file system");
	(void)close(fd);
}

static void
report(const struct run *r, const char *line)
{
	FILE *f = fopen(r->result, "w");

	if (f == NULL || fprintf(f, "%s\n", line) < 0 || fclose(f) != 0)
		die(r->result);
}

/* The command is stopped at the point: end it, and the power. */
static void
hit(struct run *r, pid_t pid, const char *name, const char *path)
{
	char line[PATH_CAP + 128];
	int status;

	if (r->after) {
		if (ptrace(PTRACE_SYSCALL, pid, NULL, NULL) != 0 ||
		    waitpid(pid, &status, __WALL) != pid)
			die("step");
	}
	if (r->cut)
		cut_power(r);
	(void)kill(r->child, SIGKILL);
	while (waitpid(-1, &status, __WALL) > 0 || errno == EINTR)
		;
	(void)snprintf(line, sizeof(line), "killed %llu %s %s %s",
	    (unsigned long long)r->count, r->after ? "after" : "before", name,
	    path);
	report(r, line);
	exit(0);
}

/* A signal to hand on, or 0, for a stop that is none of ours. */
static int
signal_of(int status)
{
	int sig = WSTOPSIG(status);

	if ((status >> 16) != 0 || sig == (SIGTRAP | 0x80) || sig == SIGTRAP ||
	    sig == SIGSTOP)
		return 0;
	return sig;
}

static int
loop(struct run *r)
{
	const struct call *c;
	char path[PATH_CAP];
	int status, code = -1;
	pid_t pid;

	while ((pid = waitpid(-1, &status, __WALL)) > 0) {
		if (WIFEXITED(status) || WIFSIGNALED(status)) {
			if (pid != r->child)
				continue;
			code = WIFEXITED(status) ? WEXITSTATUS(status)
						 : 128 + WTERMSIG(status);
			break;
		}
		if (status >> 8 == (SIGTRAP | PTRACE_EVENT_SECCOMP << 8) &&
		    counts(r, pid, &c, path)) {
			r->count++;
			if (r->list != NULL)
				fprintf(r->list, "%s %s\n", c->name, path);
			if (r->count == r->point)
				hit(r, pid, c->name, path);
		}
		(void)ptrace(PTRACE_CONT, pid, NULL,
		    (void *)(intptr_t)signal_of(status));
	}
	return code;
}

int
main(int argc, char **argv)
{
	struct run r = {.result = NULL};
	char line[64], *dir;
	int opt, code;

	while ((opt = getopt(argc, argv, "+k:acl:o:")) != -1) {
		switch (opt) {
		case 'k':
			r.point = strtoull(optarg, NULL, 10);
			break;
		case 'a':
			r.after = true;
			break;
		case 'c':
			r.cut = true;
			break;
		case 'l':
			if ((r.list = fopen(optarg, "w")) == NULL)
				die(optarg);
			break;
		case 'o':
			r.result = optarg;
			break;
		default:
			return 2;
		}
	}
	if (r.result == NULL || argc - optind < 2)
		return 2;
	if ((dir = realpath(argv[optind], NULL)) == NULL)
		die(argv[optind]);
	r.dir = dir;
	r.dir_len = strlen(dir);
	start(&r, argv + optind + 1);
	code = loop(&r);
	if (r.cut)
		cut_power(&r);
	(void)snprintf(line, sizeof(line), "ended %d %llu", code,
	    (unsigned long long)r.count);
	report(&r, line);
	free(dir);
	return r.list == NULL || fclose(r.list) == 0 ? 0 : 2;
}
