/*
 * HELLO and the answer to it: what the station is told, whether it is served,
 * and in which form it gets the manifest.  From here on the session has a
 * release, or nothing but a RESULT to wait for.
 */
#include "engine/tree/manifest.h"
#include "transport/server/server_internal.h"
#include "transport/wire/frame.h"
#include "transport/wire/preface.h"

#include <assert.h>
#include <bsd/string.h>
#include <string.h>

/*
 * Is the manifest to be sent in a form that leans on the one the station has?
 * 1: a job is under way that will tell; 0: what there is to know is known.
 */
static int
relative_find(struct server *s, struct err *e)
{
	const struct hash *from = &s->inbox.hello.release;
	struct job *job;

	if (hash_is_zero(from) || hash_equal(from, &s->served->id) ||
	    !live_release_begin_relative(s->served, from))
		return 0;
	if ((job = job_new(s, JOB_RELATIVE, e)) == NULL) {
		live_release_end_relative(s->served, from, NULL);
		return ERP_NOMEM;
	}
	job->served = live_release_ref(s->served);
	job->relative.from = *from;
	job_submit(job);
	return 1;
}

/* Has the station a release of which this one may take something away? */
static bool
tells_left_out(const struct server *s)
{
	const struct hash *from = &s->inbox.hello.release;

	return (s->inbox.features & FEATURE_LEFT_OUT) != 0 &&
	    s->served->left_out.len != 0 && !hash_is_zero(from) &&
	    !hash_equal(from, &s->served->id);
}

int
welcome(struct server *s, struct err *e)
{
	const struct msg_hello *hello = &s->inbox.hello;
	const struct relative *r =
	    live_release_find_relative(s->served, &hello->release);
	bool agreed = (hello->flags & HELLO_AGREED) != 0;
	bool hinted = (s->inbox.features & FEATURE_HINTS) != 0;
	bool sealed =
	    (s->inbox.features & FEATURE_SEALS) != 0 && s->served->seal.len > 0;
	const struct buf *packed = &s->served->packed;
	struct msg_welcome m;
	int rc;

	memset(&m, 0, sizeof(m));
	(void)strlcpy(m.build, s->build, sizeof(m.build));
	m.verdict = s->verdict;
	m.release = s->served->id;
	m.manifest_len = s->served->manifest_len;
	if (r != NULL && r->packed.len > 0) {
		packed = &r->packed;
		m.flags = r->leans ? WELCOME_RELATIVE : 0;
		m.hints_len = r->hints_len;
	}
	m.packed_len = (uint32_t)packed->len;
	if (!hinted) {
		m.packed_len -= m.hints_len;
		m.hints_len = 0;
	}
	if (m.hints_len > 0)
		m.flags |= WELCOME_HINTS;
	if (sealed)
		m.flags |= WELCOME_SEAL;
	if ((s->inbox.features & FEATURE_INI) != 0 && s->ini.rules[0] != '\0') {
		m.flags |= WELCOME_INI;
		m.ini = s->ini;
	}
	if (tells_left_out(s)) {
		m.flags |= WELCOME_LEFT_OUT;
		m.left_out = (struct msg_left_out){
		    buf_data(&s->served->left_out), s->served->left_out.len};
	}
	outbox_use_manifest(&s->outbox, buf_data(packed), m.packed_len);
	/* Nobody to ask and something to say: the manifest follows at once. */
	if ((m.verdict == VERDICT_COMPATIBLE || agreed) &&
	    !hash_equal(&hello->release, &s->served->id) &&
	    (rc = outbox_send_manifest(&s->outbox, e)) != 0)
		return rc;
	server_become(s, SERVER_READY);
	if ((rc = outbox_say_welcome(&s->outbox, &m, e)) != 0)
		return rc;
	return sealed ? outbox_say_seal(&s->outbox, &s->served->seal, e) : 0;
}

static int
refuse(struct server *s, uint32_t retry_after, struct err *e)
{
	struct msg_welcome m;

	memset(&m, 0, sizeof(m));
	(void)strlcpy(m.build, s->build, sizeof(m.build));
	m.verdict = s->verdict;
	m.retry_after = retry_after;
	/* For who does not know that it may be another time. */
	if (m.verdict == VERDICT_NOT_NOW &&
	    (s->inbox.features & FEATURE_NOT_NOW) == 0) {
		m.verdict = VERDICT_DISABLED;
		m.retry_after = 0;
	}
	server_become(s, SERVER_REFUSED);
	return outbox_say_welcome(&s->outbox, &m, e);
}

/* The verdict on a HELLO, and what follows from it. */
static int
greet(struct server *s, struct err *e)
{
	struct admission a;
	int rc;

	if ((rc = s->env.admit(s->env.ctx, &s->inbox.hello, &a, e)) != 0)
		return rc;
	s->verdict = a.verdict;
	(void)strlcpy(s->build, a.build, sizeof(s->build));
	assert(a.verdict != VERDICT_BUSY || a.retry_after > 0);
	if (a.served == NULL)
		return refuse(s, a.retry_after, e);
	s->served = live_release_ref(a.served);
	s->ini = a.ini;
	/* A manifest that leans on the station's may have to be made first. */
	if ((rc = relative_find(s, e)) < 0)
		return rc;
	if (rc > 0) {
		server_become(s, SERVER_PREPARING);
		return 0;
	}
	return welcome(s, e);
}

int
hello_receive(struct server *s, const struct frame *f, struct err *e)
{
	int rc;

	assert(!s->inbox.has_hello && s->served == NULL);
	if ((rc = hello_decode(f->payload, f->len, &s->inbox.hello, e)) != 0)
		return rc;
	s->inbox.has_hello = true;
	return greet(s, e);
}
