/* System calls that fail, by seccomp(2). */
#include "tests/support/deny.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

bool
deny_call(long number, int error)
{
	struct sock_filter code[] = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
					 offsetof(struct seccomp_data, nr)),
	    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)number, 0, 1),
	    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (uint32_t)error),
	    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
	struct sock_fprog program = {sizeof(code) / sizeof(code[0]), code};

	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

/* Before any test, in each of the processes that they run in. */
__attribute__((constructor)) static void
deny_as_told(void)
{
	const char *what = getenv("UNIT_WITHOUT");
	int error;

	if (what == NULL)
		return;
	error = strcmp(what, "openat2:ENOSYS") == 0 ? ENOSYS
	    : strcmp(what, "openat2:EPERM") == 0    ? EPERM
						    : 0;
	if (error == 0 || !deny_call(SYS_openat2, error)) {
		(void)fprintf(stderr, "UNIT_WITHOUT=%s: not possible\n", what);
		exit(77);
	}
}
