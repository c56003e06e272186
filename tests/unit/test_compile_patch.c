/* What a patch is made of. */
#include "engine/release/compile_internal.h"

#include <criterion/criterion.h>

/* Contents are held in memory meanwhile, each up to here. */
Test(compile_patch, of_contents_that_fit_into_memory)
{
	const uint64_t most = (uint64_t)192 << 20;
	struct compile_one one = {
	    .basis_size = most, .target_size = most, .like_size = most};

	cr_expect(patch_fits(&one));
	one.basis_size++;
	cr_expect_not(patch_fits(&one));
	one.basis_size--;
	one.target_size++;
	cr_expect_not(patch_fits(&one));
	one.target_size--;
	one.like_size++;
	cr_expect_not(patch_fits(&one));
}
