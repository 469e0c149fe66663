#ifndef TESTS_GEN_TEXT_CHECK_H
#define TESTS_GEN_TEXT_CHECK_H

#include "tests/lib/gen_tape.h"

/* Assert that the case is encoded as this text, with its program as it is
 * written and fused. NULL: it must be refused, with a reason. */
void gen_text_check(struct tape_case c, const char *text);

#endif
