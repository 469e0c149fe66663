#ifndef TOOLS_RINGGEN_READ_H
#define TOOLS_RINGGEN_READ_H

/* Readers of ringgen's options; see option_line.h. The type behind `ret` is in
 * the comment. */
const char *read_real(const char *text, void *ret);      /* double, not < 0 */
const char *read_rate(const char *text, void *ret);      /* double; < 0: 0 */
const char *read_share(const char *text, void *ret);     /* double, 0 to 1 */
const char *read_values(const char *text, void *ret);    /* int64_t; < 0: -1 */
const char *read_seed(const char *text, void *ret);      /* uint64_t < 2^63 */
const char *read_small(const char *text, void *ret);     /* unsigned */
const char *read_size(const char *text, void *ret);      /* uint64_t */
const char *read_range(const char *text, void *ret);     /* struct gen_range */
const char *read_character(const char *text, void *ret); /* char */
const char *read_encoding(const char *text, void *ret);  /* const char * */

#endif
