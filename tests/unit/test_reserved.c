/* Names that are not a release's: ours in any case and short, and the disk's.
 */
#include "engine/base/reserved.h"

#include <criterion/criterion.h>
#include <stddef.h>

Test(reserved, our_own_in_any_case)
{
	static const struct {
		const char *path;
		bool reserved;
	} table[] = {
	    {".erpsync", true},
	    {".ERPsync", true},
	    {".erpsync/state", true},
	    {".erp\u017fync", true}, /* long s */
	    {".erp\u200csync", true}, /* invisible for some systems */
	    {".erpsync\u200d/x", true},
	    {"bkp_remote.001", true},
	    {"BKP_Remote.x/y", true},
	    {"bkp_remote.", true},
	    {"b\u212ap_remote.001", true}, /* Kelvin sign */
	    {"lost+found", true}, /* of the file system */
	    {"lost+found/x", true},
	    {"lost+found2", false},
	    {"lost+founx", false},
	    {"x/lost+found", false},
	    {".erpsync2", false},
	    {".erpsyn", false},
	    {"erpsync", false},
	    {"bkp_remote", false},
	    {"bkp_remote/001", false},
	    {"x/.erpsync", false},
	    {"x/bkp_remote.001", false},
	    {"\xff.erpsync", false},
	    {".erpsync\xff", false},
	    {"", false},
	};
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		cr_expect_eq(path_is_reserved(table[i].path), table[i].reserved,
		    "%s", table[i].path);
}

Test(reserved, the_disks_own_is_not_ours)
{
	cr_expect(path_is_of_disk("lost+found"));
	cr_expect(path_is_of_disk("lost+found/#12"));
	cr_expect_not(path_is_of_disk("lost+found2"));
	cr_expect_not(path_is_of_disk("lost+foun"));
	cr_expect_not(path_is_of_disk("lost+founx"));
	cr_expect_not(path_is_of_disk(".erpsync"));
	cr_expect_not(path_is_of_disk("bkp_remote.001"));
}

Test(reserved, short_names_of_our_own)
{
	static const char *const ours[] = {"ERPSYN~1", "erpsyn~2/journal",
	    "BKP_RE~1.001", "bkp_re~1.001/x", "ER3A9C~1", "BK12FE~4.002",
	    "ERPSY~10"};
	static const char *const others[] = {"", "erp", "er~", "er~1x",
	    "error.log~1", "x/ERPSYN~1", "program~1", "errors_of_old~1",
	    "bk/a~1", "ar~1", "SMARTC~1.INI"};
	size_t i;

	for (i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		cr_expect(path_is_short_of_reserved(ours[i]), "%s", ours[i]);
	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		cr_expect_not(
		    path_is_short_of_reserved(others[i]), "%s", others[i]);
}
