/*
 * Confining the server's process, by system calls that no library has.  Called
 * by transport/api for a server that owns its process: the folders before its
 * first thread, the calls when it listens.
 */
#include "transport/host/confine.h"

#include "engine/base/err.h"

#include <assert.h>
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/* --- folders -------------------------------------------------------------- */

/* linux/landlock.h, of which older headers have the beginning only. */
#define LANDLOCK_EXECUTE (UINT64_C(1) << 0)
#define LANDLOCK_WRITE_FILE (UINT64_C(1) << 1)
#define LANDLOCK_CHANGES (UINT64_C(0x1ff) << 4) /* remove and make names */
#define LANDLOCK_REFER (UINT64_C(1) << 13)
#define LANDLOCK_TRUNCATE (UINT64_C(1) << 14)
#define LANDLOCK_CONNECT_TCP (UINT64_C(1) << 1)
#define LANDLOCK_SIGNAL (UINT64_C(1) << 1)

enum {
	LANDLOCK_TELL_VERSION = 1, /* a flag */
	LANDLOCK_BENEATH = 1, /* a kind of rule */
	/* Versions of the kernel's interface. */
	WITH_REFER = 2,
	WITH_TRUNCATE = 3,
	WITH_NETWORK = 4,
	WITH_SCOPES = 6
};

struct landlock_beneath {
	uint64_t allowed;
	int32_t folder;
} __attribute__((packed));

/* Without REFER nothing could be renamed to another folder. */
bool
confine_rules_for(long version, struct confine_rules *out)
{
	*out = (struct confine_rules){.files = LANDLOCK_EXECUTE |
		LANDLOCK_WRITE_FILE | LANDLOCK_CHANGES | LANDLOCK_REFER};
	if (version >= WITH_TRUNCATE)
		out->files |= LANDLOCK_TRUNCATE;
	if (version >= WITH_NETWORK)
		out->network = LANDLOCK_CONNECT_TCP;
	if (version >= WITH_SCOPES)
		out->scopes = LANDLOCK_SIGNAL;
	return version >= WITH_REFER;
}

/* Without it neither may be asked for by who is not root. */
static int
give_up_privileges(struct err *e)
{
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
	    ? 0
	    : err_sys(e, errno, "give up", "new privileges");
}

int
confine_folders(const int *folders, size_t n, struct err *e)
{
	struct confine_rules rules;
	struct landlock_beneath below;
	long version = syscall(
	    SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_TELL_VERSION);
	int set, rc;
	size_t i;

	if (!confine_rules_for(version, &rules))
		return 0;
	if ((rc = give_up_privileges(e)) != 0)
		return rc;
	set =
	    (int)syscall(SYS_landlock_create_ruleset, &rules, sizeof(rules), 0);
	if (set < 0)
		return err_sys(e, errno, "make", "Landlock's rules");
	below.allowed = rules.files & ~LANDLOCK_EXECUTE;
	for (i = 0; rc == 0 && i < n; i++) {
		below.folder = folders[i];
		rc = (int)syscall(
		    SYS_landlock_add_rule, set, LANDLOCK_BENEATH, &below, 0);
	}
	if (rc == 0)
		rc = (int)syscall(SYS_landlock_restrict_self, set, 0);
	rc = rc == 0 ? 1 : err_sys(e, errno, "obey", "Landlock's rules");
	(void)close(set);
	return rc;
}

/* --- calls ---------------------------------------------------------------- */

#if defined(__x86_64__)
#define OUR_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define OUR_ARCH AUDIT_ARCH_AARCH64
#else
#define OUR_ARCH 0 /* whose numbers of calls we do not know */
#endif

/* On x86-64, numbers from here on are of another kind of programs. */
#define X32_FIRST 0x40000000

static const uint32_t denied[] = {
    /* Other programs and processes. */
    SYS_execve, SYS_execveat, SYS_process_vm_readv, SYS_process_vm_writev,
    SYS_setns, SYS_unshare,
#if !defined(__SANITIZE_ADDRESS__) /* which looks for leaks by it */
    SYS_ptrace,
#endif
#if defined(SYS_pidfd_getfd) /* from Linux 5.6 on */
    SYS_pidfd_getfd,
#endif
    /* Calls to others. */
    SYS_connect,
    /* Doors into the kernel, and around other rules. */
    SYS_bpf, SYS_perf_event_open, SYS_userfaultfd, SYS_io_uring_setup,
    SYS_io_uring_enter, SYS_io_uring_register, SYS_keyctl, SYS_add_key,
    SYS_request_key, SYS_open_by_handle_at, SYS_init_module, SYS_finit_module,
    SYS_delete_module, SYS_kexec_load, SYS_personality,
    /* What only root can do, and a server has no need of. */
    SYS_mount, SYS_umount2, SYS_pivot_root, SYS_chroot, SYS_open_tree,
    SYS_move_mount, SYS_fsopen, SYS_fsmount, SYS_swapon, SYS_swapoff,
    SYS_reboot, SYS_acct, SYS_settimeofday, SYS_clock_settime, SYS_sethostname,
    SYS_setdomainname, SYS_setuid, SYS_setgid, SYS_setreuid, SYS_setregid,
    SYS_setresuid, SYS_setresgid, SYS_setgroups, SYS_capset};
enum {
	DENIED = sizeof(denied) / sizeof(denied[0]),
	FILTER_MAX = 48 + 2 * DENIED,
	TYPE_OF_SOCKET = 0xf /* without the flags that come with it */
};

struct program {
	struct sock_filter v[FILTER_MAX];
	unsigned short n;
};

static void
add(struct program *p, uint16_t code, uint8_t yes, uint8_t no, uint32_t k)
{
	assert(p->n < FILTER_MAX);
	p->v[p->n++] = (struct sock_filter){code, yes, no, k};
}

static void
load(struct program *p, size_t at)
{
	add(p, BPF_LD | BPF_W | BPF_ABS, 0, 0, (uint32_t)at);
}

static void
load_number(struct program *p)
{
	load(p, offsetof(struct seccomp_data, nr));
}

/* Its lower half: what the kernel takes of an int. */
static void
load_argument(struct program *p, size_t i)
{
	load(p, offsetof(struct seccomp_data, args) + i * sizeof(uint64_t));
}

static void
end(struct program *p, uint32_t how)
{
	add(p, BPF_RET | BPF_K, 0, 0, how);
}

static void
refuse(struct program *p)
{
	end(p, SECCOMP_RET_ERRNO | EPERM);
}

/* Unless what is loaded compares so with k, the next instruction is left out.
 */
static void
only_if(struct program *p, uint16_t compares, uint32_t k)
{
	add(p, (uint16_t)(BPF_JMP | BPF_K | compares), 0, 1, k);
}

/* Or if it is k. */
static void
unless(struct program *p, uint32_t k)
{
	add(p, BPF_JMP | BPF_K | BPF_JEQ, 1, 0, k);
}

/* A call that may also connect, when this argument says so. */
static void
refuse_to_connect(struct program *p, uint32_t call, size_t flags)
{
	add(p, BPF_JMP | BPF_K | BPF_JEQ, 0, 4, call);
	load_argument(p, flags);
	only_if(p, BPF_JSET, MSG_FASTOPEN);
	refuse(p);
	load_number(p);
}

/* Of the machine itself, or TCP: others reach whom they like without a
 * connection. */
static void
check_socket(struct program *p)
{
	load_argument(p, 0);
	only_if(p, BPF_JEQ, AF_UNIX);
	end(p, SECCOMP_RET_ALLOW);
	add(p, BPF_JMP | BPF_K | BPF_JEQ, 2, 0, AF_INET);
	unless(p, AF_INET6);
	end(p, SECCOMP_RET_ERRNO | EAFNOSUPPORT);
	load_argument(p, 1);
	add(p, BPF_ALU | BPF_AND | BPF_K, 0, 0, TYPE_OF_SOCKET);
	unless(p, SOCK_STREAM);
	refuse(p);
	load_argument(p, 2);
	only_if(p, BPF_JEQ, 0);
	end(p, SECCOMP_RET_ALLOW);
	unless(p, IPPROTO_TCP);
	refuse(p);
	end(p, SECCOMP_RET_ALLOW);
}

static void
make_filter(struct program *p)
{
	size_t i;

	p->n = 0;
	load(p, offsetof(struct seccomp_data, arch));
	unless(p, OUR_ARCH);
	refuse(p);
	load_number(p);
	only_if(p, BPF_JGE, X32_FIRST);
	refuse(p);
	for (i = 0; i < DENIED; i++) {
		only_if(p, BPF_JEQ, denied[i]);
		refuse(p);
	}
	refuse_to_connect(p, SYS_sendto, 3);
	refuse_to_connect(p, SYS_sendmsg, 2);
	refuse_to_connect(p, SYS_sendmmsg, 3);
	unless(p, SYS_socket);
	end(p, SECCOMP_RET_ALLOW);
	check_socket(p);
}

int
confine_calls(struct err *e)
{
	struct program p;
	struct sock_fprog filter = {.filter = p.v};
	long told;
	int rc;

	if (OUR_ARCH == 0)
		return 0;
	if ((rc = give_up_privileges(e)) != 0)
		return rc;
	make_filter(&p);
	filter.len = p.n;
	told = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
	    SECCOMP_FILTER_FLAG_TSYNC, &filter);
	if (told == 0)
		return 1;
	/* A kernel without it, or a sandbox around us that has its own. */
	if (told < 0 && (errno == ENOSYS || errno == EINVAL || errno == EPERM))
		return 0;
	/* Or which thread will not. */
	return err_sys(e, told > 0 ? ESRCH : errno, "obey", "seccomp's filter");
}
