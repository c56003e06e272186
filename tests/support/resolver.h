#ifndef ERPSYNC_TESTS_SUPPORT_RESOLVER_H
#define ERPSYNC_TESTS_SUPPORT_RESOLVER_H

/*
 * Names that the resolver of the unit tests knows, whatever this machine's
 * does, through the linker's --wrap.
 */

#define RESOLVER_TWO "two.test" /* 127.0.0.1, then 127.0.0.2 */
#define RESOLVER_SILENT "silent.test" /* no answer for RESOLVER_SILENT_MS */

enum { RESOLVER_SILENT_MS = 20 * 1000 };

#endif
