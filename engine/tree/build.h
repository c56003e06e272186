#ifndef ERPSYNC_ENGINE_TREE_BUILD_H
#define ERPSYNC_ENGINE_TREE_BUILD_H

/* Build codes, as 7.00.191205P: numbers and letters between dots. */

/* Order two of them: <0, 0, >0.  Digits compare as numbers, letters as text,
 * without regard to case; a shorter code that is a prefix is lower. */
int build_compare(const char *a, const char *b);

#endif
