#include "engine/seal/minisign.h"

#include "engine/base/buf.h"
#include "engine/base/err.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

/* Made by minisign 0.11 of Debian: a key without a passphrase, and seals of
 * the text "hello", prehashed and as minisign once made them. */
static const char key_file[] =
    "untrusted comment: minisign public key 879BDD45A68EAE1D\n"
    "RWQdro6mRd2bh+VDpprcvuOfa9Qi8dKO91TqI2BXC3KsKUZkOJsP7oQg"
    "\n";
static const char secret_file[] =
    "untrusted comment: minisign encrypted secret key\n"
    "RWQAAEIyAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
    "AAAAAAAAAAAAAAAAHa6OpkXdm4fG/M54A2UpDh1YGkxOQro7XJzbAWBP"
    "TzUHFZcQ9X7IGuVDpprcvuOfa9Qi8dKO91TqI2BXC3KsKUZkOJsP7oQg"
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n";
static const char seal_file[] =
    "untrusted comment: signature from minisign secret key\n"
    "RUQdro6mRd2bh2F3Vz60wz3ulgrCVsKTCFUXOr6CFIfr6P7T18/7XtgJ"
    "Luj4CXupK+W1Uk73qED/KrtoCzDgXd+j2J4LTcaNlww=\n"
    "trusted comment: a trusted comment\n"
    "XcolVscUtKwvA/Jkf+p29WyHCJg0WKZXgO3mMdJjmh0EY8rO4TKTCRXL"
    "0yFZtg3OF6zxo0VFKLcwj6grAj3eDw==\n";
static const char legacy_file[] =
    "untrusted comment: signature from minisign secret key\n"
    "RWQdro6mRd2bh6pN+qqjVVMJr/HtJUd22KztKT3GBH7TdGHJ2rQjrCZq"
    "E8kFEQiyqpf1Z2FZuPRPcmSyuiCJy8Hb2I0G7TVZygg=\n"
    "trusted comment: old\n"
    "XWJRVILfePY1n2O1x1MszIRho/kNypYlEqBxj+8lkjYNP7gRqUHbvkbw"
    "9FYTHHCHcD0VqFQlMGi08zGKGPuHAQ==\n";

static struct minisign_key
the_key(void)
{
	struct minisign_key key;
	struct err e;

	cr_assert_eq(
	    minisign_key_decode(key_file, strlen(key_file), &key, &e), 0);
	return key;
}

Test(minisign, what_it_made_is_read_and_verified)
{
	struct minisign_key key = the_key();
	const char *const files[] = {seal_file, legacy_file};
	struct minisign_seal seal;
	char id[MINISIGN_ID_HEX + 1];
	struct err e;
	size_t i;

	minisign_id_hex(key.id, id);
	cr_expect_str_eq(id, "879BDD45A68EAE1D");
	for (i = 0; i < 2; i++) {
		cr_assert_eq(
		    minisign_seal_decode(files[i], strlen(files[i]), &seal, &e),
		    0, "%s", e.msg);
		cr_expect_eq(seal.prehashed, i == 0);
		cr_expect_eq(minisign_verify_comment(&seal, &key, &e), 1);
		cr_expect_eq(minisign_verify(&seal, &key, "hello", 5, &e), 1);
		cr_expect_eq(minisign_verify(&seal, &key, "hellp", 5, &e), 0);
		cr_expect_eq(minisign_verify(&seal, &key, "hell", 4, &e), 0);
		/* The kind of seal is part of what is verified. */
		seal.prehashed = !seal.prehashed;
		cr_expect_eq(minisign_verify(&seal, &key, "hello", 5, &e), 0);
		seal.comment[0] ^= 1;
		cr_expect_eq(minisign_verify_comment(&seal, &key, &e), 0);
	}
	key.id[0] ^= 1;
	seal.comment[0] ^= 1;
	cr_expect_eq(minisign_verify_comment(&seal, &key, &e), 0);
}

Test(minisign, its_secret_key_makes_seals)
{
	struct minisign_secret secret;
	struct minisign_key key = the_key();
	struct minisign_seal seal, again;
	struct buf text;
	struct err e;
	bool locked = true;

	cr_assert_eq(minisign_secret_is_locked(
			 secret_file, strlen(secret_file), &locked, &e),
	    0);
	cr_expect_not(locked);
	cr_assert_eq(minisign_secret_decode(
			 secret_file, strlen(secret_file), NULL, &secret, &e),
	    0, "%s", e.msg);
	cr_expect_eq(memcmp(&secret.key, &key, sizeof(key)), 0);
	cr_assert_eq(
	    minisign_sign(&secret, "bytes", 5, "a comment", &seal, &e), 0);
	buf_init(&text, MINISIGN_FILE_MAX);
	cr_assert_eq(minisign_seal_encode(&seal, &text, &e), 0);
	cr_assert_eq(minisign_seal_decode(
			 (const char *)buf_data(&text), text.len, &again, &e),
	    0);
	cr_expect_str_eq(again.comment, "a comment");
	cr_expect_eq(minisign_verify(&again, &key, "bytes", 5, &e), 1);
	buf_release(&text);
}

Test(minisign, a_passphrase_keeps_a_key)
{
	struct minisign_secret secret, again;
	struct buf text;
	struct err e;
	bool locked = false;
	const char *p;

	buf_init(&text, MINISIGN_FILE_MAX);
	cr_assert_eq(minisign_secret_new(&secret, &e), 0);
	cr_assert_eq(minisign_secret_encode(&secret, "pw", &text, &e), 0);
	p = (const char *)buf_data(&text);
	cr_assert_eq(minisign_secret_is_locked(p, text.len, &locked, &e), 0);
	cr_expect(locked);
	cr_expect_eq(
	    minisign_secret_decode(p, text.len, NULL, &again, &e), ERP_USAGE);
	cr_expect_eq(
	    minisign_secret_decode(p, text.len, "Pw", &again, &e), ERP_USAGE);
	cr_assert_eq(minisign_secret_decode(p, text.len, "pw", &again, &e), 0,
	    "%s", e.msg);
	cr_expect_eq(memcmp(&secret, &again, sizeof(again)), 0);
	buf_release(&text);
}

Test(minisign, keys_come_one_behind_the_other)
{
	struct minisign_secret secret;
	struct minisign_key key;
	struct buf text;
	struct err e;
	const char *p;
	int64_t used;

	buf_init(&text, MINISIGN_FILE_MAX);
	cr_assert_eq(buf_append(&text, key_file, strlen(key_file), &e), 0);
	cr_assert_eq(minisign_secret_new(&secret, &e), 0);
	cr_assert_eq(minisign_key_encode(&secret.key, &text, &e), 0);
	p = (const char *)buf_data(&text);
	used = minisign_key_take(p, text.len, &key, &e);
	cr_assert_eq(used, (int64_t)strlen(key_file));
	cr_assert_eq(
	    minisign_key_take(p + used, text.len - (size_t)used, &key, &e),
	    (int64_t)text.len - used);
	cr_expect_eq(memcmp(&key, &secret.key, sizeof(key)), 0);
	cr_expect_eq(minisign_key_decode(p, text.len, &key, &e), ERP_CORRUPT);
	/* The line that is no comment, as minisign -P takes it. */
	p = strchr(key_file, '\n') + 1;
	cr_expect_eq(minisign_key_decode(p, strlen(p) - 1, &key, &e), 0);
	buf_release(&text);
}

/* One byte more, less or other anywhere: no file, or no seal of it. */
Test(minisign, what_was_altered_is_noticed)
{
	char text[sizeof(seal_file) + 1];
	struct minisign_key key = the_key();
	struct minisign_seal seal;
	size_t i, n = strlen(seal_file), first;
	struct err e;
	int rc;

	first = (size_t)(strchr(seal_file, '\n') - seal_file) + 1;
	for (i = first; i < n - 1; i++) {
		memcpy(text, seal_file, n + 1);
		text[i] ^= 1;
		rc = minisign_seal_decode(text, n, &seal, &e);
		cr_expect(rc == ERP_CORRUPT ||
			minisign_verify(&seal, &key, "hello", 5, &e) == 0,
		    "byte %zu", i);
	}
	for (i = 0; i < n - 1; i++)
		cr_expect_eq(minisign_seal_decode(seal_file, i, &seal, &e),
		    ERP_CORRUPT, "%zu bytes", i);
	memcpy(text, seal_file, n);
	text[n] = 'x';
	cr_expect_eq(minisign_seal_decode(text, n + 1, &seal, &e), ERP_CORRUPT);
	cr_expect_eq(
	    minisign_seal_decode(secret_file, strlen(secret_file), &seal, &e),
	    ERP_CORRUPT);
	cr_expect_eq(minisign_key_decode(seal_file, n, &key, &e), ERP_CORRUPT);
}

/*
 * The key above under a passphrase, as minisign reads it: where the limit of
 * work decides, where that of memory does, and where the least work does.
 */
Test(minisign, a_passphrase_costs_what_the_file_says)
{
	static const char *const rows[] = {
	    /* N 2048, r 8, p 1 */
	    "RWRTY0IyAQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyAAAAEA"
	    "AAAAAAAAAAEAAAAAxAhCuGZZwSgx3XM/B272tSc9yqka8AGO1KvUw3TZ"
	    "c565RxrHA0V+g/iHoXL20AnOrlzzW87BL+tU6v2o8M1fSE+eMAck4Czo"
	    "SLOQ9qVS33MJR+0/kK8r+op0L/TlY//DTVq8soG1riY=",
	    /* N 1024, r 8, p 1 */
	    "RWRTY0IyAQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyD//wAA"
	    "AAAAAAAAAAEAAAAARp6/NHCJ6PmImMJmqH+Y+MkcNGq8ObbwgGXazJmt"
	    "TqkFYG2vu2ognCdf+wkm/sKKN6HFPpRUMAYYQ87Mg16sZoNHrMmUv9XO"
	    "jcneqc83Ayxv+18mDe9ibQ8VdtdDhnSeMR1DDPL6Z5E=",
	    /* N 1024, r 8, p 7 */
	    "RWRTY0IyAQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyAAgAMA"
	    "AAAAAAAAEAAAAAAAYrczCj9XTs3+bq787JSatUb02wCspG2VAHl0sj88"
	    "Wm15gM4eJVaDTNHuJy2o27E4sd0X2PSEfpJcaaFUXSbjyApuBxQXcJlB"
	    "tYLwjzafC/HsO28DZCP80R1qoz3iaAZ4tSTn4+a8ipA=",
	    /* N 1024, r 8, p 1 */
	    "RWRTY0IyAQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyABAAAA"
	    "AAAAAAAAEAAAAAAARp6/NHCJ6PmImMJmqH+Y+MkcNGq8ObbwgGXazJmt"
	    "TqkFYG2vu2ognCdf+wkm/sKKN6HFPpRUMAYYQ87Mg16sZoNHrMmUv9XO"
	    "jcneqc83Ayxv+18mDe9ibQ8VdtdDhnSeMR1DDPL6Z5E=",
	    /* N 8192, r 8, p 2: the least work with so much memory */
	    "RWRTY0IyAQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyAAAAgA"
	    "AAAAAAD8/wAAAAAASqw56GMbxgQOXxPreZHwKTaJBWOcU/NDPkDF2Fzg"
	    "r9V7IrJUo4Qy75ydU5mWy5HBOPYpHGWJRS5IN8OlkvOdmnTqQy4HTPT8"
	    "jLWCWztnCUAou05/9I4A4naDb3bhrUhqlTOnwlQ0AV8=",
	};
	struct minisign_key key = the_key();
	struct minisign_secret secret;
	char text[400];
	struct err e;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		(void)snprintf(
		    text, sizeof(text), "untrusted comment: x\n%s\n", rows[i]);
		cr_assert_eq(minisign_secret_decode(text, strlen(text),
				 "open sesame", &secret, &e),
		    0, "row %zu: %s", i, e.msg);
		cr_expect_eq(memcmp(&secret.key, &key, sizeof(key)), 0);
	}
}

/* A passphrase that would take all memory, or for ever, is not tried. */
Test(minisign, a_cost_beyond_reason_is_refused)
{
	/* N 1024, r 8, p 17 */
	static const char long_work[] =
	    "untrusted comment: x\n"
	    "RWRTY0IyAQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyAAgAgA"
	    "AAAAAAAAEAAAAAAAYrczCj9XTs3+bq787JSatUb02wCspG2VAHl0sj88"
	    "Wm15gM4eJVaDTNHuJy2o27E4sd0X2PSEfpJcaaFUXSbjyApuBxQXcJlB"
	    "tYLwjzafC/HsO28DZCP80R1qoz3iaAZ4tSTn4+a8ipA=\n";
	struct minisign_secret secret;
	char text[sizeof(secret_file)];
	struct err e;
	size_t i, at = (size_t)(strchr(secret_file, '\n') - secret_file) + 1;

	memcpy(text, secret_file, sizeof(text));
	memcpy(text + at, "RWRTY0Iy", 8);
	for (i = at + 56; i < at + 72; i++)
		text[i] = '/';
	cr_expect_eq(
	    minisign_secret_decode(text, strlen(text), "pw", &secret, &e),
	    ERP_CORRUPT);
	cr_expect_neq(strstr(e.msg, "reasonable"), NULL, "%s", e.msg);
	cr_expect_eq(minisign_secret_decode(long_work, strlen(long_work),
			 "open sesame", &secret, &e),
	    ERP_CORRUPT);
	cr_expect_neq(strstr(e.msg, "reasonable"), NULL, "%s", e.msg);
}
