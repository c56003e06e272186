/* Each argument arrives as it was. */
#include "cli/process_win32.h"

#include "engine/base/wide_win32.h"
#include "tests/win32/unit.h"

#include <shellapi.h>

TEST(process_arguments_arrive_as_they_were)
{
	static const char *const arguments[] = {"C:\\Program Files\\a.exe",
	    "plain", "", "two words", "\"", "a\\\"b", "back\\", "back slash\\",
	    "a\\\\b", "\\\\\"", "tab\there", "a\303\247\303\243o", "%PATH%",
	    "^&|<>"};
	const size_t n = sizeof(arguments) / sizeof(arguments[0]);
	wchar_t line[1024] = L"";
	char program[] = "program", argument[] = "an argument";
	char *const two[] = {program, argument, NULL};
	LPWSTR *got;
	char *text;
	int count = 0;
	size_t i;

	for (i = 0; i < n; i++)
		EXPECT(process_append(line, 1024, arguments[i]));
	got = CommandLineToArgvW(line, &count);
	if (!EXPECT_EQ(count, n))
		return;
	for (i = 0; i < n; i++) {
		text = wide_text(got[i]);
		if (!EXPECT(strcmp(text, arguments[i]) == 0))
			printf("%s came as %s\n", arguments[i], text);
		free(text);
	}
	EXPECT(!process_append(line, wcslen(line) + 3, "abc"));
	EXPECT(process_line(line, 1024, two));
	EXPECT(wcscmp(line, L"program \"an argument\"") == 0);
	EXPECT(!process_line(line, 10, two));
	line[0] = L'\0';
	EXPECT(!process_append(line, 1024, "\377"));
}
