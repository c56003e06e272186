/* Equal requests meet. */
#include "transport/host/single_flight.h"

#include "engine/base/err.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>

enum { THREADS = 8 };

/* Stands in for compile_blob and its store. */
struct stub {
	atomic_int inside, most_inside;
	atomic_int computed; /* times it was expensive */
	atomic_bool stored;
	atomic_int failures; /* still to come */
	pthread_barrier_t *meet; /* wait for others inside */
	struct single_flight *flight;
};

struct asker {
	struct stub *stub;
	struct compile_request req;
	struct compile_answer answer;
	int rc;
	pthread_t thread;
};

static int
stub_compile(void *ctx, const struct compile_request *req,
    struct compile_answer *out, struct err *e)
{
	const struct timespec ms30 = {.tv_nsec = 30 * 1000000L};
	struct stub *s = ctx;
	int now = atomic_fetch_add(&s->inside, 1) + 1, rc = 0;

	if (now > atomic_load(&s->most_inside))
		atomic_store(&s->most_inside, now);
	if (s->meet != NULL)
		(void)pthread_barrier_wait(s->meet);
	memset(out, 0, sizeof(*out));
	out->blob.len = req->one.target_size;
	if (!atomic_load(&s->stored)) {
		atomic_fetch_add(&s->computed, 1);
		(void)nanosleep(&ms30, NULL);
		if (atomic_load(&s->failures) > 0) {
			atomic_fetch_sub(&s->failures, 1);
			rc = err_set(e, ERP_NOSPACE, "no space");
		} else {
			atomic_store(&s->stored, true);
		}
	}
	atomic_fetch_sub(&s->inside, 1);
	return rc;
}

static void *
ask(void *arg)
{
	struct asker *a = arg;

	a->rc =
	    single_flight_compile(a->stub->flight, &a->req, &a->answer, NULL);
	return NULL;
}

/* All ask at once; the ones with the same size ask the same. */
static void
ask_all(struct stub *s, struct asker *v, size_t n, bool same)
{
	struct err e;
	size_t i;
	int rc = single_flight_new(stub_compile, s, &s->flight, &e);

	cr_assert_eq(rc, 0, "%s", e.msg);
	for (i = 0; i < n; i++) {
		memset(&v[i], 0, sizeof(v[i]));
		v[i].stub = s;
		v[i].req.one.target.b[0] = (uint8_t)(same ? 7 : i);
		v[i].req.one.target_size = same ? 7 : i + 1;
		rc = pthread_create(&v[i].thread, NULL, ask, &v[i]);
		cr_assert_eq(rc, 0);
	}
	for (i = 0; i < n; i++) {
		(void)pthread_join(v[i].thread, NULL);
		cr_expect_eq(v[i].answer.blob.len, v[i].req.one.target_size);
	}
	single_flight_free(s->flight);
}

Test(single_flight, equal_requests_are_computed_once)
{
	struct asker v[THREADS];
	struct stub s;
	size_t i;

	memset(&s, 0, sizeof(s));
	ask_all(&s, v, THREADS, true);
	cr_expect_eq(atomic_load(&s.computed), 1);
	cr_expect_eq(atomic_load(&s.most_inside), 1);
	for (i = 0; i < THREADS; i++)
		cr_expect_eq(v[i].rc, 0);
}

Test(single_flight, different_requests_do_not_wait_for_each_other,
    .timeout = 300)
{
	struct asker v[THREADS];
	pthread_barrier_t meet;
	struct stub s;

	memset(&s, 0, sizeof(s));
	(void)pthread_barrier_init(&meet, NULL, THREADS);
	s.meet = &meet;
	/* Would hang if one had to wait. */
	ask_all(&s, v, THREADS, false);
	cr_expect_eq(atomic_load(&s.most_inside), THREADS);
	(void)pthread_barrier_destroy(&meet);
}

Test(single_flight, a_failure_is_only_the_failing_ones)
{
	struct asker v[THREADS];
	struct stub s;
	size_t i;
	int failed = 0;

	memset(&s, 0, sizeof(s));
	atomic_store(&s.failures, 1);
	ask_all(&s, v, THREADS, true);
	for (i = 0; i < THREADS; i++)
		failed += v[i].rc == ERP_NOSPACE;
	cr_expect_eq(failed, 1);
	cr_expect_eq(atomic_load(&s.computed), 2);
}
