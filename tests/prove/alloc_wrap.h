#ifndef ERPSYNC_TESTS_PROVE_ALLOC_WRAP_H
#define ERPSYNC_TESTS_PROVE_ALLOC_WRAP_H

/* Allocations that fail on request. */

#include <stdbool.h>
#include <stdint.h>

struct alloc_fault {
	bool on;
	bool persistent; /* all after it fail too */
	uint64_t at; /* 1 is the first; 0: none, only count */
	uint64_t count;
};

void alloc_arm(uint64_t at, bool persistent);
/* Back to normal; how many were counted. */
uint64_t alloc_disarm(void);

#endif
