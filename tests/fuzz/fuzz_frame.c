/* Preface, frames and every message, as bytes from the network. */
#include "engine/base/buf.h"
#include "engine/base/err.h"
#include "engine/tree/left_out.h"
#include "transport/wire/frame.h"
#include "transport/wire/msg.h"
#include "transport/wire/preface.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* There is one form of a group: what is decoded encodes to the same. */
static void
try_group(const struct frame *f, struct msg_want *members)
{
	struct buf again;
	struct err e;
	int n = group_decode(f->payload, f->len, members, &e);

	if (n < 0)
		return;
	buf_init(&again, FRAME_HEADER_LEN + GROUP_BYTES);
	if (group_encode(members, (size_t)n, &again, &e) != 0 ||
	    again.len != FRAME_HEADER_LEN + f->len ||
	    memcmp(buf_data(&again) + FRAME_HEADER_LEN, f->payload, f->len) !=
		0)
		abort();
	buf_release(&again);
}

/* What a WELCOME leaves out can all be taken. */
static void
try_left_out(struct msg_left_out told)
{
	struct left_out taken = {.folds = true};
	char pattern[LEFT_OUT_BYTES + 1];
	struct err e;

	while (told.len > 0)
		if (!left_out_next(&told, pattern) ||
		    left_out_add(&taken, pattern, &e) != 0)
			abort();
	(void)left_out_has(&taken, "Folder/file.log");
	left_out_release(&taken);
}

static void
decode_payload(const struct frame *f)
{
	static struct msg_want wants[WANT_MAX];
	static struct msg_offer offers[WANT_MAX];
	static struct msg_fetch fetches[WANT_MAX];
	static struct msg_want members[GROUP_MAX];
	struct msg_hello hello;
	struct msg_welcome welcome;
	struct msg_result result;
	struct msg_error error;
	static uint32_t asked[GROUP_MAX];
	enum sums_kind kind;
	struct msg_data data;
	struct hash sums;
	struct msg_nop nop;
	struct err e;

	/* Whatever its type says: each decoder must bear any bytes. */
	nop_decode(f->payload, f->len, &nop);
	(void)hello_decode(f->payload, f->len, &hello, &e);
	if (welcome_decode(f->payload, f->len, &welcome, &e) == 0)
		try_left_out(welcome.left_out);
	(void)result_decode(f->payload, f->len, &result, &e);
	(void)error_decode(f->payload, f->len, &error, &e);
	(void)data_decode(f->payload, f->len, &data, &e);
	(void)recall_decode(f->payload, f->len, &sums, &e);
	(void)ask_decode(f->payload, f->len, &kind, asked, &e);
	(void)wants_decode(f->payload, f->len, wants, &e);
	(void)offers_decode(f->payload, f->len, offers, &e);
	(void)fetches_decode(f->payload, f->len, fetches, &e);
	try_group(f, members);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct frame raw = {MSG_HELLO, data, size}, f;
	struct preface preface;
	struct err e;
	int64_t used;

	(void)preface_decode(data, size, &preface, &e);
	decode_payload(&raw);
	while ((used = frame_decode(data, size, &f, &e)) > 0) {
		decode_payload(&f);
		data += used;
		size -= (size_t)used;
	}
	return 0;
}
