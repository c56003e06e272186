/* Each attack by its name, each with its own code. */
#include "engine/seal/seal.h"

#include "engine/base/buf.h"
#include "engine/base/err.h"

#include <bsd/string.h>
#include <criterion/criterion.h>
#include <string.h>

enum { NOW = 1700000000, DAY = 86400 };

static const char manifest[] = "canonical bytes";

/* A sealer, a station that trusts it, and what is claimed. */
struct scene {
	struct minisign_secret secret;
	struct seal_trust trust;
	struct statement says;
	struct seal_claim claim;
	struct buf text; /* the seal, and successions behind it */
	struct sealed sealed;
	struct err e;
};

/* Seal it anew, which keeps the successions; older: one more. */
static void
seal_after(struct scene *s, const struct minisign_secret *secret,
    const struct minisign_secret *older)
{
	const struct seal_order order = {
	    .secret = secret,
	    .older = older,
	    .says = s->says,
	    .bytes = {manifest, sizeof(manifest)},
	    .before = s->claim.text,
	};
	struct buf made;

	buf_init(&made, SEAL_TEXT_MAX);
	cr_assert_eq(seal_make(&order, &made, &s->e), 0, "%s", s->e.msg);
	buf_release(&s->text);
	s->text = made;
	s->claim.text.p = (const char *)buf_data(&s->text);
	s->claim.text.n = s->text.len;
}

static void
seal_by(struct scene *s, const struct minisign_secret *secret)
{
	seal_after(s, secret, NULL);
}

static void
begin(struct scene *s)
{
	memset(s, 0, sizeof(*s));
	buf_init(&s->text, SEAL_TEXT_MAX);
	cr_assert_eq(minisign_secret_new(&s->secret, &s->e), 0);
	s->trust.keys[s->trust.n++] = s->secret.key;
	cr_assert_eq(
	    hash_bytes(manifest, sizeof(manifest), &s->claim.release, &s->e),
	    0);
	s->claim.size = sizeof(manifest);
	s->claim.os = PATH_OS_LINUX;
	s->claim.now = NOW;
	s->says = (struct statement){.release = s->claim.release,
	    .size = sizeof(manifest),
	    .serial = 5,
	    .os = PATH_OS_LINUX,
	    .product = "erp",
	    .build = "2.0",
	    .issued = NOW - DAY,
	    .expires = NOW + 30 * DAY};
	seal_by(s, &s->secret);
}

static void
end(struct scene *s)
{
	buf_release(&s->text);
}

static int
check(struct scene *s)
{
	return seal_check(&s->trust, &s->claim, &s->sealed, &s->e);
}

/* Nothing is remembered of what was refused. */
static void
expect_refused(struct scene *s, int code)
{
	struct seal_trust before = s->trust;

	cr_expect_eq(check(s), code, "%s", s->e.msg);
	cr_expect_eq(memcmp(&before, &s->trust, sizeof(before)), 0);
}

Test(seal, what_is_sealed_is_taken_and_remembered)
{
	struct scene s;

	begin(&s);
	cr_assert_eq(check(&s), 0, "%s", s.e.msg);
	cr_expect_eq(s.trust.seen.serial, 5);
	cr_expect_eq(s.trust.seen.issued, NOW - DAY);
	cr_expect_str_eq(s.trust.seen.product, "erp");
	cr_expect_str_eq(s.trust.seen.build, "2.0");
	cr_expect_eq(
	    seal_check_bytes(&s.sealed, manifest, sizeof(manifest), &s.e), 0);
	cr_expect_eq(check(&s), 0, "and again");
	end(&s);
}

Test(seal, arbitrary_installation)
{
	struct minisign_secret stranger;
	struct scene s;

	begin(&s);
	s.claim.text.n = 0;
	expect_refused(&s, ERP_UNSEALED);
	cr_assert_eq(minisign_secret_new(&stranger, &s.e), 0);
	seal_by(&s, &stranger);
	expect_refused(&s, ERP_UNSEALED);
	/* A stranger's seal under our key's number. */
	memcpy(stranger.key.id, s.secret.key.id, MINISIGN_ID);
	seal_by(&s, &stranger);
	expect_refused(&s, ERP_UNSEALED);
	s.claim.text.p = "no seal at all";
	s.claim.text.n = 14;
	expect_refused(&s, ERP_UNSEALED);
	end(&s);
}

/* What the key sealed for another purpose is no release. */
Test(seal, arbitrary_installation_by_a_seal_of_something_else)
{
	struct minisign_seal made;
	struct scene s;

	begin(&s);
	buf_clear(&s.text);
	cr_assert_eq(minisign_sign(&s.secret, manifest, sizeof(manifest),
			 "timestamp:1700000000", &made, &s.e),
	    0);
	cr_assert_eq(minisign_seal_encode(&made, &s.text, &s.e), 0);
	s.claim.text.p = (const char *)buf_data(&s.text);
	s.claim.text.n = s.text.len;
	expect_refused(&s, ERP_UNSEALED);
	end(&s);
}

Test(seal, rollback)
{
	struct scene s;

	begin(&s);
	cr_assert_eq(check(&s), 0);
	s.says.serial = 4;
	seal_by(&s, &s.secret);
	expect_refused(&s, ERP_ROLLED_BACK);
	s.says.serial = 6;
	s.says.issued = NOW - 2 * DAY;
	seal_by(&s, &s.secret);
	expect_refused(&s, ERP_ROLLED_BACK);
	/* An older build under a newer serial number, by mistake or meant. */
	s.says.issued = NOW;
	(void)strlcpy(s.says.build, "1.9", sizeof(s.says.build));
	seal_by(&s, &s.secret);
	expect_refused(&s, ERP_ROLLED_BACK);
	s.says.downgrade = true;
	seal_by(&s, &s.secret);
	cr_expect_eq(check(&s), 0, "%s", s.e.msg);
	end(&s);
}

Test(seal, indefinite_freeze)
{
	struct scene s;

	begin(&s);
	s.claim.now = NOW + 31 * DAY;
	expect_refused(&s, ERP_FROZEN);
	cr_expect_neq(strstr(s.e.msg, "clock: 1"), NULL, "%s", s.e.msg);
	s.claim.now = NOW + 30 * DAY;
	cr_expect_eq(check(&s), 0, "its last second");
	/* A clock that was set back does not bring an old seal to life. */
	s.trust.seen.issued = NOW + 31 * DAY;
	s.says.issued = NOW + 31 * DAY;
	s.says.expires = NOW + 40 * DAY;
	seal_by(&s, &s.secret);
	s.claim.now = 0;
	cr_expect_eq(check(&s), 0, "%s", s.e.msg);
	s.says.expires = NOW + 32 * DAY;
	s.says.issued = NOW + 31 * DAY;
	seal_by(&s, &s.secret);
	s.trust.seen.issued = s.says.issued;
	cr_expect_eq(check(&s), 0, "%s", s.e.msg);
	end(&s);
}

Test(seal, endless_data)
{
	struct scene s;

	begin(&s);
	s.claim.size++;
	expect_refused(&s, ERP_ENDLESS);
	end(&s);
}

Test(seal, mix_and_match)
{
	struct scene s;
	char other[sizeof(manifest)];

	begin(&s);
	s.claim.release.b[3] ^= 4;
	expect_refused(&s, ERP_MIXED);
	s.claim.release.b[3] ^= 4;
	cr_assert_eq(check(&s), 0);
	memcpy(other, manifest, sizeof(other));
	other[0] ^= 1;
	cr_expect_eq(
	    seal_check_bytes(&s.sealed, other, sizeof(other), &s.e), ERP_MIXED);
	/* Two releases under one number. */
	s.says.release.b[0] ^= 1;
	s.claim.release = s.says.release;
	seal_by(&s, &s.secret);
	expect_refused(&s, ERP_MIXED);
	end(&s);
}

Test(seal, fast_forward)
{
	struct scene s;

	begin(&s);
	s.says.serial = SEAL_JUMP_MOST + 1;
	seal_by(&s, &s.secret);
	expect_refused(&s, ERP_FORWARDED);
	s.says.serial = UINT64_MAX;
	seal_by(&s, &s.secret);
	expect_refused(&s, ERP_FORWARDED);
	s.says.serial = 7;
	s.says.issued = NOW + SEAL_AHEAD_MOST + 1;
	seal_by(&s, &s.secret);
	expect_refused(&s, ERP_FORWARDED);
	s.says.issued--;
	s.says.serial = SEAL_JUMP_MOST;
	seal_by(&s, &s.secret);
	cr_expect_eq(check(&s), 0, "%s", s.e.msg);
	end(&s);
}

Test(seal, wrong_software)
{
	struct scene s;

	begin(&s);
	s.claim.os = PATH_OS_WINDOWS;
	expect_refused(&s, ERP_OTHER_SOFTWARE);
	s.claim.os = PATH_OS_LINUX;
	(void)strlcpy(
	    s.trust.seen.product, "crm", sizeof(s.trust.seen.product));
	expect_refused(&s, ERP_OTHER_SOFTWARE);
	end(&s);
}

Test(seal, keys_take_the_place_of_others)
{
	struct minisign_secret second, third;
	struct scene s;

	begin(&s);
	cr_assert_eq(minisign_secret_new(&second, &s.e), 0);
	cr_assert_eq(minisign_secret_new(&third, &s.e), 0);
	/* An attacker with the first key ran ahead. */
	s.trust.seen.serial = SEAL_JUMP_MOST * UINT64_C(1000);
	seal_after(&s, &second, &s.secret);
	s.says.serial++;
	seal_after(&s, &third, &second);
	s.says.serial++;
	seal_by(&s, &s.secret);
	expect_refused(&s, ERP_UNSEALED);
	seal_by(&s, &third);
	cr_assert_eq(check(&s), 0, "%s", s.e.msg);
	cr_expect_eq(s.trust.n, 1);
	cr_expect_eq(
	    memcmp(&s.trust.keys[0], &third.key, sizeof(third.key)), 0);
	cr_expect_eq(s.trust.seen.serial, s.says.serial);
	/* They are told again to whoever has done it already. */
	cr_expect_eq(check(&s), 0, "%s", s.e.msg);
	end(&s);
}

Test(seal, a_known_successor_brings_no_old_number_back)
{
	struct minisign_secret second;
	struct scene s;

	begin(&s);
	cr_assert_eq(minisign_secret_new(&second, &s.e), 0);
	s.trust.keys[s.trust.n++] = second.key;
	s.trust.seen.serial = 9;
	seal_after(&s, &second, &s.secret);
	expect_refused(&s, ERP_ROLLED_BACK);
	end(&s);
}

Test(seal, no_stranger_names_a_successor)
{
	struct minisign_secret second, stranger;
	struct scene s;

	begin(&s);
	cr_assert_eq(minisign_secret_new(&second, &s.e), 0);
	cr_assert_eq(minisign_secret_new(&stranger, &s.e), 0);
	seal_after(&s, &second, &stranger);
	expect_refused(&s, ERP_UNSEALED);
	/* Under the number of the trusted key. */
	memcpy(stranger.key.id, s.secret.key.id, MINISIGN_ID);
	seal_after(&s, &second, &stranger);
	expect_refused(&s, ERP_UNSEALED);
	/* Cut. */
	s.claim.text.n -= 10;
	expect_refused(&s, ERP_UNSEALED);
	end(&s);
}

/* Every bit behind the first line, which is nobody's word. */
Test(seal, one_flipped_bit_anywhere_is_refused)
{
	char *text, other[sizeof(manifest)];
	struct seal_trust before;
	struct scene s;
	size_t i, first;

	begin(&s);
	cr_assert_eq(check(&s), 0);
	before = s.trust;
	text = (char *)s.text.p + s.text.off;
	first = strcspn(text, "\n") + 1;
	for (i = 8 * first; i < 8 * (s.text.len - 1); i++) {
		text[i / 8] = (char)(text[i / 8] ^ (1 << i % 8));
		/* Which kind of seal it is shows with the bytes only. */
		cr_expect(check(&s) != 0 ||
			seal_check_bytes(&s.sealed, manifest, sizeof(manifest),
			    &s.e) == ERP_MIXED,
		    "bit %zu of byte %zu", i % 8, i / 8);
		text[i / 8] = (char)(text[i / 8] ^ (1 << i % 8));
	}
	cr_expect_eq(memcmp(&before, &s.trust, sizeof(before)), 0);
	cr_assert_eq(check(&s), 0);
	for (i = 0; i < 8 * sizeof(manifest); i++) {
		memcpy(other, manifest, sizeof(other));
		other[i / 8] = (char)(other[i / 8] ^ (1 << i % 8));
		cr_expect_eq(
		    seal_check_bytes(&s.sealed, other, sizeof(other), &s.e),
		    ERP_MIXED);
	}
	end(&s);
}

Test(seal, whose_it_is_can_be_told_at_any_time)
{
	const struct seal_text bytes = {manifest, sizeof(manifest)};
	const struct seal_text other = {manifest, sizeof(manifest) - 1};
	struct scene s;

	begin(&s);
	s.trust.seen.serial = 100;
	cr_assert_eq(
	    seal_identify(&s.trust, s.claim.text, bytes, &s.sealed, &s.e), 0,
	    "%s", s.e.msg);
	cr_expect_eq(s.sealed.says.serial, 5);
	cr_expect_eq(
	    seal_identify(&s.trust, s.claim.text, other, &s.sealed, &s.e),
	    ERP_MIXED);
	s.trust.n = 0;
	cr_expect_eq(
	    seal_identify(&s.trust, s.claim.text, bytes, &s.sealed, &s.e),
	    ERP_UNSEALED);
	end(&s);
}
