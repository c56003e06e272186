#ifndef ERPSYNC_TRANSPORT_HOST_CONFINE_H
#define ERPSYNC_TRANSPORT_HOST_CONFINE_H

/*
 * What a server's process can do at most, from some moment to its end, whoever
 * may have got into it: nothing is written but in some folders, no other
 * program started, nobody called, no other process touched.  By Landlock (from
 * Linux 5.19 on) and by seccomp, where the kernel has them.
 *
 * Both answer 1; 0 where this kernel cannot, or a sandbox around us forbids it;
 * or ERP_IO, and then the process is as it was.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;

/*
 * From here on only these n folders, which are open, can be written, with all
 * below; reading is as ever.  For this thread and those that it starts.
 */
int confine_folders(const int *folders, size_t n, struct err *e);

/* What that forbids elsewhere, bits of Landlock's, where the kernel has this
 * version of it; false: too little of it to go on serving. */
struct confine_rules {
	uint64_t files, network, scopes;
};
bool confine_rules_for(long version, struct confine_rules *out);

/* From here on, for all threads: no programs, no connections of its own, no
 * hands on other processes or on the system. */
int confine_calls(struct err *e);

#endif
