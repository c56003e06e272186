/*
 * What two contents have for addresses: asks each format that is known, and
 * lists the patterns that are worth trying.
 */
#include "engine/delta/project/project_make.h"

#include <stddef.h>

/* What any program may have; PROJECT_LONG_KIND is the second. */
static void
list_all(struct project_plan *plan)
{
	static const uint8_t address = PROJECT_ADDRESS, self = PROJECT_SELF,
			     absolute[] = {
				 PROJECT_ABSOLUTE_LONG, PROJECT_NOTHING};

	project_add_pattern(plan, 0, &address, 1);
	project_add_pattern(plan, 0, absolute, 2);
	project_add_pattern(plan, 0, &self, 1);
}

bool
project_find(const struct project_pair *pair, struct project_plan *plan,
    struct project_hints *hints)
{
	static const struct {
		bool (*find)(const struct project_bytes *of,
		    struct project_image *image);
		void (*list)(const struct project_bytes *of,
		    struct project_plan *plan, struct project_hints *hints);
	} formats[] = {{project_find_pe, project_list_pe},
	    {project_find_elf, project_list_elf},
	    {project_find_macho, project_list_macho}};
	const struct project_bytes basis = {pair->basis, pair->basis_len},
				   target = {pair->target, pair->target_len};
	size_t i;

	*plan = (struct project_plan){.kind = NULL};
	hints->n = 0;
	if (basis.n > PROJECT_LEN_MAX || target.n > PROJECT_LEN_MAX)
		return false;
	for (i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		plan->from.n = plan->to.n = 0;
		if (!formats[i].find(&basis, &plan->from) ||
		    !formats[i].find(&target, &plan->to) || plan->from.n == 0 ||
		    plan->to.n == 0)
			continue;
		list_all(plan);
		formats[i].list(&basis, plan, hints);
		return true;
	}
	return false;
}
