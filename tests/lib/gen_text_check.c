#include "tests/lib/gen_text_check.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

void gen_text_check(struct tape_case c, const char *text)
{
	for (int is_fused = 0; is_fused < 2; is_fused++) {
		struct gen_error error = { 0 };
		uint8_t *bytes = NULL;
		int64_t len;

		c.is_fused = is_fused;
		len = tape_encode(&c, &error, &bytes);
		if (text == NULL) {
			assert_int_equal(len, -EINVAL);
			assert_int_not_equal(error.text[0], 0);
			continue;
		}
		assert_true(len >= 0);
		bytes[len] = 0;
		assert_string_equal((char *)bytes, text);
		free(bytes);
	}
}
