/*
 * oldkernel ENOSYS|EPERM COMMAND...: the command on a kernel that knows no
 * system call that Linux 3.10 had not (or in a sandbox that forbids them), and
 * no locks of open files. Exit code 77: it cannot be made here.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define LOAD(field)                                                            \
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define ANSWER(what) BPF_STMT(BPF_RET | BPF_K, what)
#define SKIP_IF(test, k, yes, no) BPF_JUMP(BPF_JMP | test | BPF_K, k, yes, no)

enum {
	LAST_CALL = 313, /* finit_module: what came later has higher numbers */
	FIRST_LOCK = 36, /* F_OFD_GETLK, F_OFD_SETLK, F_OFD_SETLKW */
	LAST_LOCK = 38,
	OLD_RELEASE = 0x0020000 /* uname says 2.6 */
};

int
main(int argc, char **argv)
{
	unsigned answer =
	    argc > 1 && strcmp(argv[1], "EPERM") == 0 ? EPERM : ENOSYS;
	struct sock_filter rules[] = {
	    LOAD(arch),
	    SKIP_IF(BPF_JEQ, AUDIT_ARCH_X86_64, 1, 0),
	    ANSWER(SECCOMP_RET_KILL),
	    LOAD(nr),
	    SKIP_IF(BPF_JGT, LAST_CALL, 0, 1),
	    ANSWER(SECCOMP_RET_ERRNO | answer),
	    SKIP_IF(BPF_JEQ, SYS_fcntl, 0, 4),
	    LOAD(args[1]),
	    SKIP_IF(BPF_JGE, FIRST_LOCK, 0, 2),
	    SKIP_IF(BPF_JGT, LAST_LOCK, 1, 0),
	    ANSWER(SECCOMP_RET_ERRNO | EINVAL),
	    ANSWER(SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {sizeof(rules) / sizeof(rules[0]), rules};

	if (argc < 3 || personality(OLD_RELEASE) < 0 ||
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) {
		perror("oldkernel");
		return 77;
	}
	(void)execvp(argv[2], argv + 2);
	perror(argv[2]);
	return 77;
}
