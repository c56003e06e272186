#include "engine/seal/ed25519.h"

#include "engine/base/err.h"

#include <criterion/criterion.h>
#include <string.h>

/* RFC 8032, section 7.1, test 2. */
static const uint8_t seed[ED25519_SEED] = {0x4c, 0xcd, 0x08, 0x9b, 0x28, 0xff,
    0x96, 0xda, 0x9d, 0xb6, 0xc3, 0x46, 0xec, 0x11, 0x4e, 0x0f, 0x5b, 0x8a,
    0x31, 0x9f, 0x35, 0xab, 0xa6, 0x24, 0xda, 0x8c, 0xf6, 0xed, 0x4f, 0xb8,
    0xa6, 0xfb};
static const uint8_t public[ED25519_PUBLIC] = {0x3d, 0x40, 0x17, 0xc3, 0xe8,
    0x43, 0x89, 0x5a, 0x92, 0xb7, 0x0a, 0xa7, 0x4d, 0x1b, 0x7e, 0xbc, 0x9c,
    0x98, 0x2c, 0xcf, 0x2e, 0xc4, 0x96, 0x8c, 0xc0, 0xcd, 0x55, 0xf1, 0x2a,
    0xf4, 0x66, 0x0c};
static const uint8_t sig[ED25519_SIG] = {0x92, 0xa0, 0x09, 0xa9, 0xf0, 0xd4,
    0xca, 0xb8, 0x72, 0x0e, 0x82, 0x0b, 0x5f, 0x64, 0x25, 0x40, 0xa2, 0xb2,
    0x7b, 0x54, 0x16, 0x50, 0x3f, 0x8f, 0xb3, 0x76, 0x22, 0x23, 0xeb, 0xdb,
    0x69, 0xda, 0x08, 0x5a, 0xc1, 0xe4, 0x3e, 0x15, 0x99, 0x6e, 0x45, 0x8f,
    0x36, 0x13, 0xd0, 0xf1, 0x1d, 0x8c, 0x38, 0x7b, 0x2e, 0xae, 0xb4, 0x30,
    0x2a, 0xee, 0xb0, 0x0d, 0x29, 0x16, 0x12, 0xbb, 0x0c, 0x00};

Test(ed25519, is_the_rfcs)
{
	uint8_t made[ED25519_SIG], half[ED25519_PUBLIC];
	struct err e;
	size_t i;

	cr_assert_eq(ed25519_public(seed, half, &e), 0, "%s", e.msg);
	cr_expect_eq(memcmp(half, public, sizeof(half)), 0);
	cr_assert_eq(ed25519_sign(seed, "\x72", 1, made, &e), 0);
	cr_expect_eq(memcmp(made, sig, sizeof(made)), 0);
	cr_expect_eq(ed25519_verify(public, "\x72", 1, sig, &e), 1);
	cr_expect_eq(ed25519_verify(public, "\x73", 1, sig, &e), 0);
	cr_expect_eq(ed25519_verify(public, "\x72\x72", 2, sig, &e), 0);
	for (i = 0; i < 8 * sizeof(made); i += 7) {
		made[i / 8] ^= (uint8_t)(1u << i % 8);
		cr_expect_eq(ed25519_verify(public, "\x72", 1, made, &e), 0);
		made[i / 8] ^= (uint8_t)(1u << i % 8);
	}
}

/* `printf abc | b2sum` begins so. */
Test(ed25519, hashes_as_b2sum_does)
{
	static const uint8_t want[] = {0xba, 0x80, 0xa5, 0x3f, 0x98, 0x1c};
	uint8_t hash[BLAKE2B512_LEN];
	struct err e;

	cr_assert_eq(blake2b512("abc", 3, hash, &e), 0);
	cr_expect_eq(memcmp(hash, want, sizeof(want)), 0);
}

Test(ed25519, a_passphrase_makes_a_key_with_its_salt)
{
	const struct scrypt_cost cost = {1024, 8, 1};
	uint8_t a[104], b[104], salt[32] = {1};
	struct err e;

	cr_assert_eq(scrypt_key("pw", salt, &cost, a, sizeof(a), &e), 0);
	cr_assert_eq(scrypt_key("pw", salt, &cost, b, sizeof(b), &e), 0);
	cr_expect_eq(memcmp(a, b, sizeof(a)), 0);
	salt[31] = 1;
	cr_assert_eq(scrypt_key("pw", salt, &cost, b, sizeof(b), &e), 0);
	cr_expect_neq(memcmp(a, b, sizeof(a)), 0);
	cr_expect_eq(scrypt_key("pw", salt, &(struct scrypt_cost){3, 8, 1}, a,
			 sizeof(a), &e),
	    ERP_NOMEM, "not a power of two");
	secret_wipe(a, sizeof(a));
	cr_expect_eq(a[0] | a[103], 0);
}

Test(ed25519, random_bytes_differ)
{
	uint8_t a[16], b[16];
	struct err e;

	cr_assert_eq(random_bytes(a, sizeof(a), &e), 0);
	cr_assert_eq(random_bytes(b, sizeof(b), &e), 0);
	cr_expect_neq(memcmp(a, b, sizeof(a)), 0);
}
