/* Heads by hand, streams by the packer that is tested elsewhere. */
#include "tests/support/packed.h"

#include "engine/base/buf.h"
#include "engine/base/stream.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void
append(struct buf *out, const void *p, size_t n)
{
	if (buf_append(out, p, n, NULL) != 0)
		abort();
}

static void
stream(struct buf *out, const void *raw, size_t n, deflate_how how)
{
	const struct sink to = sink_of_buf(out);
	struct deflater *d;

	if (deflater_new(&d, NULL) != 0 ||
	    deflater_begin(d, how, &to, NULL) != 0 ||
	    deflater_write(d, raw, n, NULL) != 0 || deflater_end(d, NULL) != 0)
		abort();
	deflater_free(d);
}

void
packed_zip(struct buf *out, const char *name, const void *raw, size_t n,
    deflate_how how)
{
	uint8_t head[30] = {'P', 'K', 3, 4, 20, 0, 0, 0, 8};

	head[26] = (uint8_t)strlen(name);
	append(out, head, sizeof(head));
	append(out, name, strlen(name));
	stream(out, raw, n, how);
}

void
packed_gzip(struct buf *out, const char *name, const void *raw, size_t n)
{
	uint8_t head[10] = {31, 139, 8};

	if (name != NULL)
		head[3] = 8;
	append(out, head, sizeof(head));
	if (name != NULL)
		append(out, name, strlen(name) + 1);
	stream(out, raw, n, 9);
	append(out, "crc-size", 8);
}

void
packed_zlib(struct buf *out, const void *raw, size_t n)
{
	append(out, "\x78\x9c", 2);
	stream(out, raw, n, 6);
	append(out, "adlr", 4);
}

void
packed_text(uint8_t *p, size_t n, uint32_t seed)
{
	char line[64];
	size_t at = 0, len, i = 0;

	while (at < n) {
		i++;
		(void)snprintf(line, sizeof(line), "line %zu of %zu: %zu\n", i,
		    i * 7 % 13, i % 50 == 0 ? i * seed : i * 31 % 977);
		len = strlen(line);
		len = len < n - at ? len : n - at;
		memcpy(p + at, line, len);
		at += len;
	}
}
