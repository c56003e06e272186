#include "engine/delta/rsjob.h"

#include "engine/base/err.h"

#include <criterion/criterion.h>
#include <string.h>

/* Runs of jobs are tested with signatures and deltas; this is the rest. */
Test(rsjob, verdicts_have_codes)
{
	static const struct {
		rs_result verdict;
		int code;
	} cases[] = {{RS_MEM_ERROR, ERP_NOMEM}, {RS_INPUT_ENDED, ERP_CORRUPT},
	    {RS_BAD_MAGIC, ERP_CORRUPT}, {RS_CORRUPT, ERP_CORRUPT},
	    {RS_INTERNAL_ERROR, ERP_INTERNAL}, {RS_PARAM_ERROR, ERP_INTERNAL},
	    {RS_IO_ERROR, ERP_INTERNAL}};
	struct err e;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		cr_expect_eq(
		    rsjob_error(cases[i].verdict, "delta", &e), cases[i].code);
		cr_expect_eq(e.code, cases[i].code);
		cr_expect(strncmp(e.msg, "delta: ", 7) == 0);
	}
}
