#include "tests/lib/jit_scene.h"
#include "tests/lib/gen_parsed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

static void name(const struct jit_scene *s, char *path, const char *file)
{
	snprintf(path, JIT_PATH_BYTES, "%.60s/%s", s->dir, file);
}

void jit_scene_write_compiler(const struct jit_scene *s, const char *body)
{
	FILE *f = fopen(s->compiler, "w");

	assert_non_null(f);
	fprintf(f, "#!/bin/sh\necho \"$*\" >>%s\n%s\n", s->runs, body);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(s->compiler, 0700), 0);
}

void jit_scene_skip(const char *reason)
{
	print_message("[  SKIP  ] because: %s\n", reason);
	skip();
}

void jit_scene_set_up(struct jit_scene *s, bool needs_cc)
{
	if (needs_cc && system("cc --version >/dev/null 2>&1") != 0)
		jit_scene_skip("there is no compiler 'cc'");
	strcpy(s->dir, "/tmp/blkring-test-XXXXXX");
	assert_non_null(mkdtemp(s->dir));
	name(s, s->cache, "home/cache");
	name(s, s->aside, "aside");
	name(s, s->compiler, "compiler");
	name(s, s->runs, "runs");
	jit_scene_write_compiler(s, "exec cc \"$@\"");
}

void jit_scene_tear_down(struct jit_scene *s)
{
	char command[JIT_PATH_BYTES + 16];

	snprintf(command, sizeof(command), "rm -rf '%s'", s->dir);
	assert_int_equal(system(command), 0);
}

int jit_scene_count_runs(const struct jit_scene *s)
{
	FILE *f = fopen(s->runs, "r");
	int ret = 0;

	for (int c; f != NULL && (c = fgetc(f)) != EOF;)
		ret += c == '\n';
	if (f != NULL)
		fclose(f);
	return ret;
}

const char jit_scene_usual[] = "{a:u64; b:string?; c:u8[]}";

struct generator *jit_scene_create(const struct jit_scene *s,
				   const struct gen_schema *schema,
				   enum gen_engine engine)
{
	const struct gen_options options = {
		.encoding = "row-binary",
		.seed = 3,
		.engine = engine,
		.jit_cache = s->cache,
		.jit_compiler = s->compiler,
	};
	struct generator *ret;

	assert_int_equal(gen_create(schema, &options, NULL, &ret), 0);
	return ret;
}

void jit_scene_compare(struct generator *g, struct generator *other)
{
	const struct gen_demand demand = { .values = 1500 };
	struct gen_batch batch, expected;

	assert_int_equal(gen_next(g, &demand, &batch), 0);
	assert_int_equal(gen_next(other, &demand, &expected), 0);
	assert_int_equal(batch.values, expected.values);
	assert_int_equal(batch.len_bytes, expected.len_bytes);
	assert_memory_equal(batch.bytes, expected.bytes, batch.len_bytes);
}

void jit_scene_make(const struct jit_scene *s, const char *type,
		    const char *note)
{
	struct gen_schema *schema;
	struct generator *g, *other;
	const char *said;

	schema = gen_parsed(type);
	g = jit_scene_create(s, schema, GEN_ENGINE_JIT);
	other = jit_scene_create(s, schema, GEN_ENGINE_INTERPRETER);
	said = gen_engine_note(g);
	if (note == NULL && said != NULL)
		fail_msg("%s", said);
	if (note != NULL && (said == NULL || strstr(said, note) == NULL))
		fail_msg("'%s' is not in '%s'", note, said != NULL ? said : "");
	jit_scene_compare(g, other);
	gen_free(g);
	gen_free(other);
	gen_schema_free(schema);
}
