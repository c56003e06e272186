/* Folding is fixed, and is what the library's Unicode says where both know a
 * character. */
#include "engine/base/fold.h"

#include "engine/base/codec.h"
#include "engine/base/crc.h"

#include <criterion/criterion.h>
#include <string.h>
#include <utf8proc.h>

enum { END = 0x110000 };

/* All of it, as CaseFolding.txt of Unicode 15.0.0 has it. */
Test(fold, never_changes)
{
	uint32_t cp, crc = 0, moved = 0, invisible = 0;
	uint8_t bytes[4];

	for (cp = 0; cp < END; cp++) {
		store_u32(bytes, fold_char(cp));
		crc = crc_add(crc, bytes, sizeof(bytes));
		moved += fold_char(cp) != 0 && fold_char(cp) != cp;
		invisible += cp != 0 && fold_char(cp) == 0;
	}
	cr_expect_eq(moved, 1454);
	cr_expect_eq(invisible, 4174);
	cr_expect_eq(crc, 0x5453ed9, "%#x", crc);
}

Test(fold, is_simple)
{
	static const uint32_t rows[][2] = {{'A', 'a'}, {'z', 'z'}, {'[', '['},
	    {0xc9, 0xe9}, {0xdf, 0xdf}, {0x1e9e, 0xdf}, {0x130, 0x130},
	    {0x131, 0x131}, {0x17f, 's'}, {0x212a, 'k'}, {0x3c2, 0x3c3},
	    {0x390, 0x390}, {0x1fd3, 0x1fd3}, {0xfb00, 0xfb00}, {0xad, 0},
	    {0x200d, 0}, {0xfeff, 0}, {0xe0001, 0}, {0xe0fff, 0},
	    {0xe1000, 0xe1000}, {0x1e921, 0x1e943}, {0x1e922, 0x1e922},
	    {0x10ffff, 0x10ffff}};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		cr_expect_eq(fold_char(rows[i][0]), rows[i][1], "%#x: %#x",
		    rows[i][0], fold_char(rows[i][0]));
}

/* Twice is once: nothing folds to what folds on. */
Test(fold, is_final)
{
	uint32_t cp;

	for (cp = 1; cp < END; cp++)
		if (fold_char(cp) != 0)
			cr_assert_eq(fold_char(fold_char(cp)), fold_char(cp));
}

/* The library's full folding, where it is of one character, is this one for
 * all that Unicode 15 knows. */
Test(fold, is_that_of_the_library)
{
	utf8proc_int32_t out[8];
	uint32_t cp;
	int last = 0;

	for (cp = 1; cp < END; cp++) {
		if (utf8proc_category((utf8proc_int32_t)cp) ==
			UTF8PROC_CATEGORY_CN ||
		    utf8proc_category((utf8proc_int32_t)cp) ==
			UTF8PROC_CATEGORY_CS ||
		    utf8proc_decompose_char((utf8proc_int32_t)cp, out, 8,
			UTF8PROC_CASEFOLD | UTF8PROC_IGNORE, &last) != 1)
			continue;
		/* What came to Unicode later stays as it is. */
		if (fold_char(cp) != cp ||
		    strcmp(utf8proc_unicode_version(), "15.0.0") == 0)
			cr_assert_eq(
			    fold_char(cp), (uint32_t)out[0], "%#x", cp);
	}
}
