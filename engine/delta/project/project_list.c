/*
 * A plan as the readers of formats fill it in: sections, patterns and anchors
 * are appended as long as there is room and they are in order.
 */
#include "engine/delta/project/project_make.h"

#include <assert.h>
#include <string.h>

enum { PAGE = 4096 }; /* bytes; images are loaded at whole ones */

bool
project_add_section(
    struct project_image *image, const struct project_section *s)
{
	const struct project_section *last;

	assert(s->len > 0 && s->len <= s->room);
	if (image->n == PROJECT_SECTIONS_MAX ||
	    s->room > UINT32_MAX - s->address)
		return false;
	last = image->n > 0 ? &image->v[image->n - 1] : NULL;
	if (last != NULL &&
	    (s->at < (uint64_t)last->at + last->len ||
		s->address < (uint64_t)last->address + last->room))
		return false;
	image->v[image->n++] = *s;
	return true;
}

void
project_add_segment(struct project_image *image, const struct project_bytes *of,
    const struct project_segment *s)
{
	struct project_section to;

	if (s->len == 0 || s->at > of->n || s->len > of->n - s->at)
		return;
	if (image->n == 0)
		image->base = s->address - s->address % PAGE;
	if (s->address < image->base || s->address - image->base > UINT32_MAX ||
	    s->room > UINT32_MAX)
		return;
	to.at = (uint32_t)s->at;
	to.len = (uint32_t)s->len;
	to.address = (uint32_t)(s->address - image->base);
	to.room = s->room > s->len ? (uint32_t)s->room : to.len;
	(void)project_add_section(image, &to);
}

void
project_add_pattern(
    struct project_plan *plan, uint32_t start, const uint8_t *role, size_t n)
{
	struct project_pattern *p;

	assert(n > 0 && n <= PROJECT_WORDS_MAX);
	if (plan->patterns == PROJECT_PATTERNS_MAX)
		return;
	p = &plan->pattern[plan->patterns++];
	p->start = start;
	p->n = n;
	memcpy(p->role, role, n);
}

uint8_t
project_add_anchor(struct project_plan *plan, uint32_t address)
{
	if (plan->anchors == PROJECT_ANCHORS_MAX)
		return PROJECT_NOTHING;
	plan->anchor[plan->anchors++] = address;
	return (uint8_t)(PROJECT_ANCHOR + plan->anchors - 1);
}

void
project_add_hint(
    struct project_hints *hints, uint32_t address, uint32_t len, uint8_t kind)
{
	if (hints->n == PROJECT_HINTS_MAX)
		return;
	hints->v[hints->n].address = address;
	hints->v[hints->n].len = len;
	hints->v[hints->n++].kind = kind;
}
