/* The switch of wrong lines: see switch.c. Included before every source. */
#ifndef ERPSYNC_TESTS_CHECK_MUTANTS_SWITCH_H
#define ERPSYNC_TESTS_CHECK_MUTANTS_SWITCH_H

extern unsigned mutate_active;
extern _Bool mutate_noting;

void mutate_note(unsigned mutant);

/* Is this wrong line turned on? Notes that it was reached, where asked to. */
#define MUTATED(n)                                                             \
	((mutate_noting ? mutate_note(n) : (void)0), mutate_active == (n))

#endif
