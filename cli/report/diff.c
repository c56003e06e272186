/*
 * Two texts line by line, by Myers' algorithm ("An O(ND) Difference Algorithm
 * and Its Variations"): for contents.c, which reads them.
 */
#include "cli/report/diff.h"

#include "engine/base/err.h"

#include <assert.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CONTEXT = 3, DISTANCE_MAX = 600 };

struct line {
	const char *p;
	size_t len;
};

/* One of the texts: what of it the other has not. */
struct side {
	struct line *v;
	size_t n;
	bool *differs;
};

struct differ {
	struct side a, b;
	/* Behind what they have in common at their starts, so many lines of
	 * each up to what they have in common at their ends. */
	size_t begin;
	int a_n, b_n;
	diff_fn *tell;
	void *ctx;
};

/* A line's bytes without its end, and where the next one begins. */
static const char *
take_line(const char *p, struct line *out)
{
	size_t len = strcspn(p, "\n");

	*out = (struct line){p, len};
	if (len > 0 && p[len - 1] == '\r')
		out->len--;
	return p[len] == '\n' ? p + len + 1 : p + len;
}

static int
split(const char *text, struct side *out, struct err *e)
{
	struct line ignored;
	const char *p;
	size_t n = 0;

	for (p = text; *p != '\0'; n++)
		p = take_line(p, &ignored);
	/* One more than needed: an empty text is no lack of memory. */
	out->v = calloc(n + 1, sizeof(*out->v));
	out->differs = calloc(n + 1, sizeof(*out->differs));
	if (out->v == NULL || out->differs == NULL)
		return err_nomem(e);
	for (p = text; *p != '\0';)
		p = take_line(p, &out->v[out->n++]);
	assert(out->n == n);
	return 0;
}

static bool
is_equal(const struct differ *d, size_t i, size_t j)
{
	const struct line *x = &d->a.v[i], *y = &d->b.v[j];

	return x->len == y->len && memcmp(x->p, y->p, x->len) == 0;
}

static void
trim(struct differ *d)
{
	size_t a_n = d->a.n, b_n = d->b.n, i = 0;

	while (i < a_n && i < b_n && is_equal(d, i, i))
		i++;
	while (a_n > i && b_n > i && is_equal(d, a_n - 1, b_n - 1)) {
		a_n--;
		b_n--;
	}
	d->begin = i;
	d->a_n = (int)(a_n - i);
	d->b_n = (int)(b_n - i);
}

/* The furthest that is reached on diagonal k with the next edit, from what
 * was with one less; which is v[-n..n] around its middle. */
static int
step(const int *v, int k, int n)
{
	bool down = k == -n || (k != n && v[k - 1] < v[k + 1]);

	return down ? v[k + 1] : v[k - 1] + 1;
}

/* The edits back from the end, of which trace[n] has what was reached with n
 * of them. */
static void
go_back(struct differ *d, int *const *trace, int n)
{
	int x = d->a_n, y = d->b_n, k, from;

	for (; n > 0; n--) {
		const int *v = trace[n - 1] + n;

		k = x - y;
		from =
		    k == -n || (k != n && v[k - 1] < v[k + 1]) ? k + 1 : k - 1;
		x = v[from];
		y = x - from;
		if (from == k + 1)
			d->b.differs[d->begin + (size_t)y] = true;
		else
			d->a.differs[d->begin + (size_t)x] = true;
	}
}

/* Too far apart to look for more. */
static void
mark_all(struct differ *d)
{
	int i;

	for (i = 0; i < d->a_n; i++)
		d->a.differs[d->begin + (size_t)i] = true;
	for (i = 0; i < d->b_n; i++)
		d->b.differs[d->begin + (size_t)i] = true;
}

/* All that is reached with n edits, from what was with one less (NULL: n is
 * 0): 1 when that is the end. */
static int
reach(const struct differ *d, const int *before, int *after, int n)
{
	int k, x, y;

	for (k = -n; k <= n; k += 2) {
		x = n == 0 ? 0 : step(before, k, n);
		y = x - k;
		while (x >= 0 && y >= 0 && x < d->a_n && y < d->b_n &&
		    is_equal(d, d->begin + (size_t)x, d->begin + (size_t)y)) {
			x++;
			y++;
		}
		after[k] = x;
		if (x >= d->a_n && y >= d->b_n)
			return 1;
	}
	return 0;
}

/* Mark the lines that one of them alone has. */
static int
compare(struct differ *d, struct err *e)
{
	int **trace = calloc(DISTANCE_MAX + 1, sizeof(*trace));
	int n, found = 0;

	if (trace == NULL)
		return err_nomem(e);
	for (n = 0; found == 0 && n <= DISTANCE_MAX; n++) {
		/* Room for one diagonal more at both ends. */
		trace[n] = calloc(2 * (size_t)n + 3, sizeof(**trace));
		if (trace[n] == NULL)
			found = err_nomem(e);
		else
			found = reach(d, n == 0 ? NULL : trace[n - 1] + n,
			    trace[n] + n + 1, n);
	}
	if (found == 1)
		go_back(d, trace, n - 1);
	else if (found == 0)
		mark_all(d);
	while (n > 0)
		free(trace[--n]);
	free(trace);
	return found < 0 ? found : 0;
}

static int
tell_line(
    const struct differ *d, char sign, const struct line *line, struct err *e)
{
	char *text = malloc(line->len + 2);
	int rc;

	if (text == NULL)
		return err_nomem(e);
	text[0] = sign;
	memcpy(text + 1, line->p, line->len);
	text[line->len + 1] = '\0';
	rc = d->tell(d->ctx, text, e);
	free(text);
	return rc;
}

/* Lines of both texts. */
struct hunk {
	size_t a, b; /* the first */
	size_t a_end, b_end; /* behind the last */
};

static int
tell_hunk(const struct differ *d, const struct hunk *h, struct err *e)
{
	size_t i = h->a, j = h->b;
	char head[128];
	int rc;

	(void)snprintf(head, sizeof(head), "@@ -%zu,%zu +%zu,%zu @@",
	    h->a + (h->a_end > h->a), h->a_end - h->a, h->b + (h->b_end > h->b),
	    h->b_end - h->b);
	rc = d->tell(d->ctx, head, e);
	while (rc == 0 && (i < h->a_end || j < h->b_end)) {
		if (i < h->a_end && d->a.differs[i])
			rc = tell_line(d, '-', &d->a.v[i++], e);
		else if (j < h->b_end && d->b.differs[j])
			rc = tell_line(d, '+', &d->b.v[j++], e);
		else {
			rc = tell_line(d, ' ', &d->a.v[i++], e);
			j++;
		}
	}
	return rc;
}

/* How many lines from here on both have. */
static size_t
common(const struct differ *d, size_t i, size_t j)
{
	size_t n = 0;

	while (i + n < d->a.n && j + n < d->b.n && !d->a.differs[i + n] &&
	    !d->b.differs[j + n])
		n++;
	return n;
}

/* The next hunk behind h: false when there is none. */
static bool
next_hunk(const struct differ *d, struct hunk *h)
{
	size_t i = h->a_end, j = h->b_end, run = common(d, i, j), back;

	i += run;
	j += run;
	if (i == d->a.n && j == d->b.n)
		return false;
	back = run < CONTEXT ? run : CONTEXT;
	h->a = i - back;
	h->b = j - back;
	do {
		while (i < d->a.n && d->a.differs[i])
			i++;
		while (j < d->b.n && d->b.differs[j])
			j++;
		run = common(d, i, j);
		i += run;
		j += run;
	} while (run <= 2 * CONTEXT && (i < d->a.n || j < d->b.n));
	back = run > CONTEXT ? run - CONTEXT : 0;
	h->a_end = i - back;
	h->b_end = j - back;
	return true;
}

int
diff_texts(
    const char *a, const char *b, diff_fn *tell, void *ctx, struct err *e)
{
	struct differ d = {.tell = tell, .ctx = ctx};
	struct hunk h = {0, 0, 0, 0};
	int rc;

	if ((rc = split(a, &d.a, e)) == 0 && (rc = split(b, &d.b, e)) == 0) {
		trim(&d);
		rc = compare(&d, e);
	}
	while (rc == 0 && next_hunk(&d, &h))
		rc = tell_hunk(&d, &h, e);
	free(d.a.v);
	free(d.a.differs);
	free(d.b.v);
	free(d.b.differs);
	return rc;
}
