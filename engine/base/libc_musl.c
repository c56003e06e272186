/*
 * Random numbers on any Linux, which musl has no arc4random for: the kernel's,
 * by its call (Linux 3.17) or its device, or, in a root without devices, made
 * of what the kernel gives each program at its start.  Below everything.
 */
#include "engine/base/libc_bsd.h"

#include <fcntl.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

static int
read_device(uint32_t *out)
{
	int fd = open("/dev/urandom", O_RDONLY | O_CLOEXEC);
	int rc = -1;

	if (fd >= 0) {
		rc = read(fd, out, sizeof(*out)) == sizeof(*out) ? 0 : -1;
		(void)close(fd);
	}
	return rc;
}

/* The bytes are the same in the whole life of a program, the time is not. */
static uint32_t
mix_start(void)
{
	uint64_t seed = 0;
	struct timespec now;

	memcpy(&seed, (void *)(uintptr_t)getauxval(AT_RANDOM), sizeof(seed));
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	seed += (uint64_t)now.tv_nsec * 0x9E3779B97F4A7C15u;
	seed = (seed ^ (seed >> 30)) * 0xBF58476D1CE4E5B9u;
	seed = (seed ^ (seed >> 27)) * 0x94D049BB133111EBu;
	return (uint32_t)(seed >> 32);
}

uint32_t
arc4random(void)
{
	uint32_t v;

	if (getrandom(&v, sizeof(v), 0) == sizeof(v) || read_device(&v) == 0)
		return v;
	return mix_start();
}
