/*
 * From what sessions tell at their end to the names beside each release:
 * net_admission.c notes, the server's tick looks whether it is time, and
 * engine/store keeps them.
 */
#include "transport/host/tally.h"

#include "engine/base/clock.h"
#include "engine/base/err.h"
#include "engine/base/fs_file.h"
#include "engine/base/hash.h"
#include "engine/store/store_stations.h"
#include "transport/host/net_log.h"
#include "transport/host/pool.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Of releases: each system's, and those that others got before. */
enum { PAGES_MAX = 8, NICE = 19 };

struct page {
	enum path_os os;
	struct hash release;
	struct names stations;
};

/* What was noted since the last time. */
struct sheet {
	struct work work;
	struct tally *owner;
	struct page v[PAGES_MAX];
	size_t n;
	struct err failure; /* code 0: none */
};

struct tally {
	struct tally_options opt;
	struct pool *pool;
	struct sheet *sheet; /* or NULL */
	bool keeping; /* another one is on the thread */
	bool kept; /* one was, at: */
	uint64_t at; /* monotonic milliseconds */
	struct err failure; /* the last time's; code 0: none */
};

/* On the thread. */
static void
sheet_keep(void *arg)
{
	struct sheet *sheet = arg;
	const struct page *page;
	struct err e;

	for (page = sheet->v; page != sheet->v + sheet->n; page++)
		if (store_add_stations(sheet->owner->opt.store, page->os,
			&page->release, &page->stations, &e) != 0)
			sheet->failure = e;
}

static void
sheet_free(struct sheet *sheet)
{
	size_t i;

	for (i = 0; i < sheet->n; i++)
		names_release(&sheet->v[i].stations);
	free(sheet);
}

/* The log hears of a failure once, until it is another. */
static void
sheet_kept(void *arg)
{
	struct sheet *sheet = arg;
	struct tally *t = sheet->owner;

	if (sheet->failure.code != 0 &&
	    strcmp(sheet->failure.msg, t->failure.msg) != 0)
		net_log_line(t->opt.log, NET_LOG_WARN,
		    "which stations have which release was not kept, and is "
		    "counted when they come again: %s",
		    sheet->failure.msg);
	t->failure = sheet->failure;
	t->keeping = false;
	sheet_free(sheet);
}

/* The thread ends before it came to it. */
static void
sheet_drop(void *arg)
{
	sheet_keep(arg);
	sheet_kept(arg);
}

int
tally_new(const struct tally_options *opt, struct tally **out, struct err *e)
{
	struct tally *t = calloc(1, sizeof(*t));
	int rc;

	*out = NULL;
	if (t == NULL)
		return err_nomem(e);
	t->opt = *opt;
	if ((rc = pool_new(opt->base, 1, NICE, &t->pool, e)) != 0)
		free(t);
	else
		*out = t;
	return rc;
}

/* The one that notes of it are on; NULL: there is none, nor room for one. */
static struct page *
page_of(struct tally *t, enum path_os os, const struct hash *release)
{
	struct sheet *sheet = t->sheet;
	struct page *page;

	if (sheet == NULL &&
	    (sheet = t->sheet = calloc(1, sizeof(*sheet))) == NULL)
		return NULL;
	sheet->owner = t;
	for (page = sheet->v; page != sheet->v + sheet->n; page++)
		if (page->os == os && hash_equal(&page->release, release))
			return page;
	if (sheet->n == PAGES_MAX)
		return NULL;
	sheet->n++;
	page->os = os;
	page->release = *release;
	return page;
}

void
tally_note(struct tally *t, enum path_os os, const struct hash *release,
    const char *station)
{
	struct page *page = page_of(t, os, release);

	if (page != NULL && page->stations.n < STORE_STATIONS_MAX)
		(void)names_add(&page->stations, station, NULL);
}

void
tally_look(struct tally *t)
{
	struct sheet *sheet = t->sheet;
	uint64_t now = clock_ms(t->opt.clock);

	if (sheet == NULL || t->keeping || (t->kept && now - t->at < TALLY_MS))
		return;
	t->sheet = NULL;
	t->keeping = t->kept = true;
	t->at = now;
	sheet->work = (struct work){.run = sheet_keep,
	    .done = sheet_kept,
	    .drop = sheet_drop,
	    .arg = sheet};
	pool_submit(t->pool, &sheet->work);
}

void
tally_free(struct tally *t)
{
	if (t == NULL)
		return;
	pool_free(t->pool);
	if (t->sheet != NULL)
		sheet_drop(t->sheet);
	free(t);
}
