/* The user and the system are told as Windows has them. */
#include "engine/base/who.h"

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
