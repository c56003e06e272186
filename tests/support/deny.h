#ifndef ERPSYNC_TESTS_SUPPORT_DENY_H
#define ERPSYNC_TESTS_SUPPORT_DENY_H

/*
 * System calls that this machine has and others have not: an older kernel, a
 * container's sandbox.  UNIT_WITHOUT=openat2:ENOSYS (or :EPERM) in the
 * environment takes openat2(2) away from all tests of a run; see
 * tests/check/elsewhere.
 */

#include <stdbool.h>

/*
 * From here on the system call with this number fails with error, in this
 * process and its children, for good.  False where nothing can be denied.
 */
bool deny_call(long number, int error);

#endif
