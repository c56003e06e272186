/*
 * Starting threads on Windows, where no signal comes to one of them.  Below
 * crews and look-ups.
 */
#include "transport/net/thread.h"

#include "engine/base/wide_win32.h"

int
thread_start(pthread_t *out, void *(*fn)(void *), void *arg)
{
	return pthread_create(out, NULL, fn, arg);
}

unsigned
thread_processors(void)
{
	SYSTEM_INFO info;

	GetSystemInfo(&info);
	return info.dwNumberOfProcessors < 1 ? 1 : info.dwNumberOfProcessors;
}
