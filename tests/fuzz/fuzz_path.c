/*
 * Any bytes as a path, and as a link with a target behind the first NUL.
 * An accepted path has no component ".."; what is text folds, and folding it
 * again changes nothing.
 */
#include "engine/base/err.h"
#include "engine/base/path.h"
#include "engine/base/reserved.h"
#include "engine/base/text.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static void
require(int ok)
{
	if (!ok)
		abort();
}

static void
check_folding(const char *path)
{
	char *once = path_fold(path), *twice;

	require(once != NULL);
	twice = path_fold(once);
	require(twice != NULL && strcmp(once, twice) == 0);
	require(path_is_reserved(path) == path_is_reserved(once));
	free(once);
	free(twice);
}

static void
check_accepted(const char *path, size_t n)
{
	require(n > 0 && n <= PATH_MAX_BYTES && strlen(path) == n);
	require(path[0] != '/' && path[n - 1] != '/');
	require(strcmp(path, "..") != 0 && strncmp(path, "../", 3) != 0);
	require(strstr(path, "/../") == NULL && strstr(path, "//") == NULL);
	require(n < 3 || strcmp(path + n - 3, "/..") != 0);
	require(strpbrk(path, "\\:*?\"<>|") == NULL);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	char *path = malloc(n + 2);
	struct err e;
	unsigned os;

	require(path != NULL);
	if (n > 0)
		memcpy(path, p, n);
	memset(path + n, 0, 2);
	for (os = PATH_OS_WINDOWS; os <= PATH_OS_MACOSX; os++)
		if (path_check((const char *)p, n, (enum path_os)os, &e) == 0)
			check_accepted(path, n);
	if (utf8_is_valid(path, strlen(path)))
		check_folding(path);
	if (path_check_link(path, path + strlen(path) + 1, &e) == 0)
		require(path[strlen(path) + 1] != '/');
	free(path);
	return 0;
}
