/* The user and the system are told as Windows has them. */
#include "engine/base/who.h"

#include "engine/base/wide_win32.h"
#include "tests/win32/unit.h"

#include <string.h>

TEST(who_is_somebody_on_some_machine)
{
	char text[64];

	who_user(text, sizeof(text));
	EXPECT(text[0] != '\0' && strcmp(text, "?") != 0);
	who_host(text, sizeof(text));
	EXPECT(text[0] != '\0');
	EXPECT_EQ(who_os(), PATH_OS_WINDOWS);
}

TEST(who_needs_no_environment)
{
	char named[64], text[64];

	who_user(named, sizeof(named));
	EXPECT(SetEnvironmentVariableW(L"USERNAME", L"somebody") != 0);
	who_user(text, sizeof(text));
	EXPECT(strcmp(text, "somebody") == 0);
	EXPECT(SetEnvironmentVariableW(L"USERNAME", NULL) != 0);
	who_user(text, sizeof(text));
	EXPECT(strcmp(text, named) == 0);
}
