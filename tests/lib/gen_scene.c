#include "tests/lib/gen_scene.h"
#include "tests/lib/gen_parsed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { SEED = 7 };

static void make_generator(const char *text, struct gen_schema **ret_schema,
			   struct generator **ret_g)
{
	const struct gen_options options = { .encoding = "row-binary",
					     .seed = SEED };

	if (text == NULL)
		text = "u64";
	*ret_schema = gen_parsed(text);
	assert_int_equal(gen_create(*ret_schema, &options, NULL, ret_g), 0);
}

void gen_scene_init(struct gen_scene *s, const char *schema)
{
	*s = (struct gen_scene){ .sink = NULL };
	make_generator(schema, &s->schema, &s->g);
}

void gen_scene_pump(struct gen_scene *s, const struct gen_pump_options *o)
{
	assert_int_equal(gen_pump_create(s->g, s->sink, o, NULL, &s->pump), 0);
}

void gen_scene_release(struct gen_scene *s)
{
	gen_pump_free(s->pump);
	gen_sink_free(s->sink);
	gen_free(s->g);
	gen_schema_free(s->schema);
	*s = (struct gen_scene){ .sink = NULL };
}

uint8_t *gen_scene_values(const char *schema, uint64_t count, size_t *ret_len)
{
	struct gen_scene s;
	struct gen_batch batch;
	uint8_t *bytes = NULL;

	*ret_len = 0;
	gen_scene_init(&s, schema);
	while (count > 0) {
		const struct gen_demand demand = { .values = count };

		assert_int_equal(gen_next(s.g, &demand, &batch), 0);
		bytes = realloc(bytes, *ret_len + batch.len_bytes + 1);
		assert_non_null(bytes);
		memcpy(bytes + *ret_len, batch.bytes, batch.len_bytes);
		*ret_len += batch.len_bytes;
		count -= batch.values;
	}
	gen_scene_release(&s);
	return bytes;
}

int gen_scene_run(struct gen_scene *s, struct gen_step *ret_step)
{
	uint64_t now_ns = 1;
	int rc;

	do {
		rc = gen_pump_step(s->pump, now_ns, ret_step, &s->error);
		if (rc == 0 && ret_step->until_ns != UINT64_MAX &&
		    ret_step->until_ns > now_ns)
			now_ns = ret_step->until_ns;
	} while (rc == 0 && !ret_step->is_done &&
		 (ret_step->fd < 0 || ret_step->until_ns != UINT64_MAX));
	return rc;
}

void gen_scene_finish(struct gen_scene *s)
{
	struct gen_step step;
	const int rc = gen_scene_run(s, &step);

	if (rc < 0)
		fail_msg("%s", s->error.text);
	assert_true(step.is_done);
}
