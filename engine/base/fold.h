#ifndef ERPSYNC_ENGINE_BASE_FOLD_H
#define ERPSYNC_ENGINE_BASE_FOLD_H

/*
 * Case folding of single characters, by a table of our own: both ends of a
 * conversation have to agree which names are one, whatever Unicode their
 * libraries are of.  docs/protocol.md, "Folding", has the same rule.
 */

#include <stdint.h>

/*
 * A code point as CaseFolding.txt of Unicode 15.0.0 maps it in its lines of
 * status C and S; 0 if it is invisible by itself (Default_Ignorable_Code_Point
 * of the same version), as there are file systems for which such characters
 * are not part of a name.
 */
uint32_t fold_char(uint32_t cp);

#endif
