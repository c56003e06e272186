#ifndef ERPSYNC_TESTS_WIN32_UNIT_H
#define ERPSYNC_TESTS_WIN32_UNIT_H

/*
 * Tests of what is Windows' own, in one program that wine can run: Criterion
 * has none for it.  A test is a function that registers itself; what it
 * expects and does not get is printed and counted, and it goes on.
 */

#include <stdbool.h>

struct test {
	const char *name;
	void (*run)(void);
	struct test *next;
};
void test_add(struct test *t);

#define TEST(called)                                                           \
	static void called(void);                                              \
	static struct test called##_test = {#called, called, NULL};            \
	__attribute__((constructor)) static void called##_add(void)            \
	{                                                                      \
		test_add(&called##_test);                                      \
	}                                                                      \
	static void called(void)

/* Unless they are equal print where, and both; are they? */
bool expect_at(long long got, long long wanted, const char *file, int line,
    const char *what);
#define EXPECT(ok) expect_at(!!(ok), 1, __FILE__, __LINE__, #ok)
#define EXPECT_EQ(a, b)                                                        \
	expect_at((long long)(a), (long long)(b), __FILE__, __LINE__, #a)

/* A new empty folder, opened; it is removed at the end of the program. */
int test_folder(void);

/* Its path, in UTF-8. */
const char *test_folder_path(void);

#endif
