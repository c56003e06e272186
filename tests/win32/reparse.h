#ifndef ERPSYNC_TESTS_WIN32_REPARSE_H
#define ERPSYNC_TESTS_WIN32_REPARSE_H

/* Wine has no reparse points: here a file looks like one. */

#include <stdint.h>

/* The file or folder with this number (st.ino) has a reparse point of this
 * kind; none has with a number of 0. */
void reparse_pretend(uint64_t id, uint32_t tag);

#endif
