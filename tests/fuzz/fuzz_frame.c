/* Preface, frames and every message, as bytes from the network. */
#include "engine/base/err.h"
#include "transport/wire/frame.h"
#include "transport/wire/msg.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
decode_payload(const struct frame *f)
{
	static struct msg_want wants[WANT_MAX];
	static struct msg_offer offers[WANT_MAX];
	static struct msg_fetch fetches[WANT_MAX];
	struct msg_hello hello;
	struct msg_welcome welcome;
	struct msg_result result;
	struct msg_error error;
	struct msg_bulk bulk;
	struct err e;

	/* Whatever its type says: each decoder must bear any bytes. */
	(void)hello_decode(f->payload, f->len, &hello, &e);
	(void)welcome_decode(f->payload, f->len, &welcome, &e);
	(void)result_decode(f->payload, f->len, &result, &e);
	(void)error_decode(f->payload, f->len, &error, &e);
	(void)bulk_decode(f->payload, f->len, &bulk, &e);
	(void)wants_decode(f->payload, f->len, wants, &e);
	(void)offers_decode(f->payload, f->len, offers, &e);
	(void)fetches_decode(f->payload, f->len, fetches, &e);
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
