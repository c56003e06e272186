/* What a confined process can do no more, tried from inside. */
#include "transport/host/confine.h"

#include "engine/base/err.h"
#include "tests/support/tempdir.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

static struct tempdir t;
static int folders, calls; /* could this kernel do it? */
static pid_t other; /* a process of ours that is not confined */

/* In a child, where only what it writes to standard error is told: each thing
 * that went as it should not. */
#define EXPECT(what)                                                           \
	do {                                                                   \
		if (!(what)) {                                                 \
			(void)fprintf(                                         \
			    stderr, "not so: %s (%d)\n", #what, errno);        \
			_exit(1);                                              \
		}                                                              \
	} while (0)

/* Does the call fail with this errno? */
#define FAILS(call, number) ((call) == -1 && errno == (number))

static void
begin(void)
{
	tempdir_open(&t);
	tempdir_mkdir(&t, "state/a");
	tempdir_mkdir(&t, "state/b");
	tempdir_text(&t, "state/a/f", "words", -1);
	tempdir_text(&t, "outside", "words", -1);
}

static void
end(void)
{
	tempdir_close(&t);
}

TestSuite(confine, .init = begin, .fini = end);

/* Have it tried by a confined child; whether it ended well.  It says so where
 * it could not be tried. */
static bool
confined(void (*try)(void))
{
	pid_t child;
	int status, dir;
	struct err e;

	if ((other = fork()) == 0)
		for (;;)
			(void)pause();
	if ((child = fork()) == 0) {
		EXPECT((dir = openat(t.fd, "state", O_DIRECTORY)) >= 0);
		EXPECT((folders = confine_folders(&dir, 1, &e)) >= 0);
		EXPECT((calls = confine_calls(&e)) >= 0);
		if (folders == 0 || calls == 0)
			(void)fprintf(stderr,
			    "skipped: confine: %s, which this kernel lacks\n",
			    folders == 0 ? "Landlock" : "seccomp");
		try();
		_exit(0);
	}
	cr_assert(child > 0 && other > 0);
	cr_assert_eq(waitpid(child, &status, 0), child);
	(void)kill(other, SIGKILL);
	(void)waitpid(other, NULL, 0);
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static void
write_inside(void)
{
	int fd = openat(t.fd, "state/new", O_WRONLY | O_CREAT | O_EXCL, 0600);

	EXPECT(fd >= 0);
	EXPECT(write(fd, "x", 1) == 1);
	EXPECT(ftruncate(fd, 0) == 0);
	EXPECT(mkdirat(t.fd, "state/c", 0700) == 0);
	EXPECT(renameat(t.fd, "state/a/f", t.fd, "state/b/g") == 0);
	EXPECT(linkat(t.fd, "state/b/g", t.fd, "state/a/h", 0) == 0);
	EXPECT(unlinkat(t.fd, "state/new", 0) == 0);
	EXPECT(unlinkat(t.fd, "state/c", AT_REMOVEDIR) == 0);
	EXPECT(openat(t.fd, "outside", O_RDONLY) >= 0);
}

Test(confine, its_folders_are_written_as_ever)
{
	cr_expect(confined(write_inside));
}

static void
write_outside(void)
{
	if (folders == 0)
		return;
	EXPECT(FAILS(openat(t.fd, "outside", O_WRONLY), EACCES));
	EXPECT(FAILS(openat(t.fd, "outside", O_RDWR), EACCES));
	EXPECT(FAILS(openat(t.fd, "new", O_WRONLY | O_CREAT, 0600), EACCES));
	EXPECT(FAILS(unlinkat(t.fd, "outside", 0), EACCES));
	EXPECT(FAILS(mkdirat(t.fd, "new", 0700), EACCES));
	EXPECT(FAILS(symlinkat("x", t.fd, "new"), EACCES));
	EXPECT(renameat(t.fd, "outside", t.fd, "state/o") == -1);
	EXPECT(renameat(t.fd, "state/a/f", t.fd, "o") == -1);
	EXPECT(FAILS(open("/etc/passwd", O_WRONLY), EACCES));
}

Test(confine, nothing_else_is)
{
	cr_expect(confined(write_outside));
	cr_expect(tempdir_is_text(&t, "outside", "words"));
	cr_expect(!tempdir_has(&t, "new"));
}

Test(confine, older_kernels_forbid_less)
{
	static const struct {
		long version;
		bool can;
		struct confine_rules rules;
	} rows[] = {{-1, false, {0}}, {0, false, {0}}, {1, false, {0}},
	    {2, true, {0x3ff3, 0, 0}}, {3, true, {0x7ff3, 0, 0}},
	    {4, true, {0x7ff3, 2, 0}}, {5, true, {0x7ff3, 2, 0}},
	    {6, true, {0x7ff3, 2, 2}}, {9, true, {0x7ff3, 2, 2}}};
	struct confine_rules rules;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		cr_expect_eq(confine_rules_for(rows[i].version, &rules),
		    rows[i].can, "version %ld", rows[i].version);
		if (!rows[i].can)
			continue;
		cr_expect_eq(rules.files, rows[i].rules.files, "%llx",
		    (unsigned long long)rules.files);
		cr_expect_eq(rules.network, rows[i].rules.network);
		cr_expect_eq(rules.scopes, rows[i].rules.scopes);
	}
}

/* With arguments that nothing comes of where they are let through. */
static void
make_calls(void)
{
	static const long numbers[] = {SYS_execve, SYS_execveat,
	    SYS_process_vm_writev, SYS_setns, SYS_unshare, SYS_connect, SYS_bpf,
	    SYS_perf_event_open, SYS_userfaultfd, SYS_io_uring_setup,
	    SYS_io_uring_enter, SYS_io_uring_register, SYS_keyctl, SYS_add_key,
	    SYS_request_key, SYS_open_by_handle_at, SYS_init_module,
	    SYS_finit_module, SYS_delete_module, SYS_kexec_load,
	    SYS_personality, SYS_mount, SYS_umount2, SYS_pivot_root, SYS_chroot,
	    SYS_open_tree, SYS_move_mount, SYS_fsopen, SYS_fsmount, SYS_swapon,
	    SYS_swapoff, SYS_reboot, SYS_acct, SYS_settimeofday,
	    SYS_clock_settime, SYS_sethostname, SYS_setdomainname, SYS_setuid,
	    SYS_setgid, SYS_setreuid, SYS_setregid, SYS_setresuid,
	    SYS_setresgid, SYS_setgroups, SYS_capset};
	size_t i;

	for (i = 0; calls == 1 && i < sizeof(numbers) / sizeof(numbers[0]); i++)
		if (!FAILS(
			syscall(numbers[i], -1L, -1L, -1L, -1L, -1L), EPERM)) {
			(void)fprintf(
			    stderr, "call %ld: %d\n", numbers[i], errno);
			_exit(1);
		}
}

Test(confine, doors_into_the_kernel_are_shut)
{
	cr_expect(confined(make_calls));
}

/* A filter of this process, that answers so to whoever asks for another. */
static void
filter_first(uint32_t answer)
{
	struct sock_filter v[] = {
	    {BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(struct seccomp_data, nr)},
	    {BPF_JMP | BPF_K | BPF_JEQ, 0, 1, SYS_seccomp},
	    {BPF_RET | BPF_K, 0, 0, answer},
	    {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW}};
	struct sock_fprog filter = {sizeof(v) / sizeof(v[0]), v};

	EXPECT(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter) == 0)
		return;
	(void)fprintf(
	    stderr, "skipped: confine: seccomp, which this kernel lacks\n");
	_exit(0);
}

/* How a child ends that does this. */
static int
child_ends(void (*does)(void))
{
	pid_t child;
	int status;

	if ((child = fork()) == 0) {
		does();
		_exit(0);
	}
	cr_assert_eq(waitpid(child, &status, 0), child);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void
be_forbidden(void)
{
	struct err e;

	filter_first(SECCOMP_RET_ERRNO | EPERM);
	EXPECT(confine_calls(&e) == 0);
}

/* As some containers do: who serves there serves on. */
Test(confine, a_sandbox_around_it_may_forbid_another)
{
	cr_expect_eq(child_ends(be_forbidden), 0);
}

static void *
have_own_filter(void *arg)
{
	const int *wakes = arg;
	char byte;

	filter_first(SECCOMP_RET_ALLOW);
	EXPECT(write(wakes[1], "x", 1) == 1);
	EXPECT(read(wakes[2], &byte, 1) >= 0);
	return NULL;
}

static void
be_beside_another(void)
{
	int wakes[4];
	pthread_t thread;
	struct err e;
	char byte;

	EXPECT(pipe(wakes) == 0 && pipe(wakes + 2) == 0);
	EXPECT(pthread_create(&thread, NULL, have_own_filter, wakes) == 0);
	EXPECT(read(wakes[0], &byte, 1) == 1);
	errno = ENOSYS;
	EXPECT(confine_calls(&e) == ERP_IO);
}

/* A thread that has a filter of its own takes no other one. */
Test(confine, all_threads_are_confined_or_it_fails)
{
	cr_expect_eq(child_ends(be_beside_another), 0);
}

static void *
start_program(void *arg)
{
	char *const argv[] = {NULL};

	(void)arg;
	EXPECT(FAILS(execve("/bin/true", argv, argv), EPERM));
	return NULL;
}

static void
touch_others(void)
{
	struct sockaddr_in a = {.sin_family = AF_INET,
	    .sin_port = htons(9),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	char byte;
	struct iovec here = {&byte, 1}, there = {&byte, 1};
	pthread_t thread;
	int fd;

	if (calls == 0)
		return;
	EXPECT(pthread_create(&thread, NULL, start_program, NULL) == 0);
	EXPECT(pthread_join(thread, NULL) == 0);
	(void)start_program(NULL);
	EXPECT(FAILS(
	    syscall(SYS_process_vm_readv, other, &here, 1L, &there, 1L, 0L),
	    EPERM));
#if !defined(__SANITIZE_ADDRESS__)
	EXPECT(FAILS(ptrace(PTRACE_ATTACH, other, NULL, NULL), EPERM));
#endif
	EXPECT((fd = socket(AF_INET, SOCK_STREAM, 0)) >= 0);
	EXPECT(FAILS(connect(fd, (struct sockaddr *)&a, sizeof(a)), EPERM));
	EXPECT(socket(AF_INET6, SOCK_STREAM, 0) >= 0 || errno == EAFNOSUPPORT);
	EXPECT(socket(AF_UNIX, SOCK_STREAM, 0) >= 0);
	EXPECT(FAILS(socket(AF_NETLINK, SOCK_RAW, 0), EAFNOSUPPORT));
	EXPECT(FAILS(socket(AF_PACKET, SOCK_RAW, 0), EAFNOSUPPORT));
	EXPECT(FAILS(chroot("/"), EPERM));
	EXPECT(FAILS(setuid(getuid()), EPERM));
}

/* TCP's fast open connects by itself, and a datagram needs no connection. */
static void
send_to_others(void)
{
	struct sockaddr_in a = {
	    .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct sockaddr *to = (struct sockaddr *)&a;
	socklen_t len = sizeof(a);
	char byte = 'x';
	struct iovec word = {&byte, 1};
	struct {
		struct msghdr of;
		unsigned sent;
	} m; /* as struct mmsghdr */
	int fd, there = socket(AF_INET, SOCK_STREAM, 0);

	if (calls == 0)
		return;
	memset(&m, 0, sizeof(m));
	m.of.msg_name = to;
	m.of.msg_namelen = len;
	m.of.msg_iov = &word;
	m.of.msg_iovlen = 1;
	EXPECT(bind(there, to, len) == 0 && listen(there, 9) == 0);
	EXPECT(getsockname(there, to, &len) == 0);
	EXPECT((fd = socket(AF_INET, SOCK_STREAM, 0)) >= 0);
	EXPECT(FAILS(sendto(fd, "x", 1, MSG_FASTOPEN, to, len), EPERM));
	EXPECT(FAILS(sendmsg(fd, &m.of, MSG_FASTOPEN), EPERM));
	EXPECT(FAILS(syscall(SYS_sendmmsg, fd, &m, 1L, MSG_FASTOPEN), EPERM));
	EXPECT(FAILS(sendto(fd, "x", 1, MSG_NOSIGNAL, to, len), EPIPE));
	EXPECT(FAILS(sendmsg(fd, &m.of, MSG_NOSIGNAL), EPIPE));
	EXPECT(FAILS(syscall(SYS_sendmmsg, fd, &m, 1L, MSG_NOSIGNAL), EPIPE));
	EXPECT(FAILS(socket(AF_INET, SOCK_DGRAM, 0), EPERM));
	EXPECT(FAILS(socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0), EPERM));
	EXPECT(FAILS(socket(AF_INET, SOCK_RAW, IPPROTO_ICMP), EPERM));
	EXPECT(FAILS(socket(AF_INET, SOCK_STREAM, IPPROTO_SCTP), EPERM));
	EXPECT(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_TCP) >= 0);
	EXPECT(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0) >= 0);
}

Test(confine, nothing_is_sent_to_who_did_not_call)
{
	cr_expect(confined(send_to_others));
}

Test(confine, no_other_program_or_process_is_reached)
{
	cr_expect(confined(touch_others));
}

static void
serve(void)
{
	struct sockaddr_in a = {.sin_family = AF_INET};
	int fd = socket(AF_INET, SOCK_STREAM, 0), pair[2];

	EXPECT(bind(fd, (struct sockaddr *)&a, sizeof(a)) == 0);
	EXPECT(listen(fd, 1) == 0);
	EXPECT(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
	EXPECT(kill(getpid(), 0) == 0);
}

Test(confine, it_serves_as_ever)
{
	cr_expect(confined(serve));
}
