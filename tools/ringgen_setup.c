#include "tools/ringgen_setup.h"

#include "tools/cmd.h"
#include "tools/ringgen_env.h"
#include "tools/ringgen_files.h"
#include "tools/ringgen_report.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

/* What the caller got wrong is a wrong line; the rest is a failure. */
static int report(const struct ringgen_options *o, int rc, const char *text)
{
	if (text[0] == '\0')
		text = ring_strerror(rc);
	return rc == -EINVAL ? ringgen_usage("%s", text)
			     : ringgen_error(o, "%s", text);
}

static int cannot_read(const struct ringgen_options *o, const char *path,
		       int rc)
{
	return ringgen_error(o, "cannot read '%s': %s", path,
			     ring_strerror(rc));
}

/* ---- the schema --------------------------------------------------------- */

static int report_schema(const struct ringgen_options *o, int rc,
			 const struct gen_error *error)
{
	const char *name = o->schema[0] == '@' ? o->schema + 1 : "schema";

	if (error->line == 0)
		return report(o, rc, error->text);
	return ringgen_usage("'%s', line %u, column %u: %s", name, error->line,
			     error->column, error->text);
}

static int parse_text(struct ringgen_setup *s, const struct ringgen_options *o,
		      const char *text, size_t len)
{
	struct gen_error error = { 0 };
	const int rc = gen_schema_parse(text, len, &error, &s->schema);

	return rc < 0 ? report_schema(o, rc, &error) : EXIT_OK;
}

static int make_schema(struct ringgen_setup *s, const struct ringgen_options *o)
{
	char *text;
	size_t len;
	int rc;

	if (o->schema[0] != '@')
		return parse_text(s, o, o->schema, strlen(o->schema));
	rc = ringgen_file_read(o->schema + 1, &text, &len);
	if (rc < 0)
		return cannot_read(o, o->schema + 1, rc);
	rc = parse_text(s, o, text, len);
	free(text);
	return rc;
}

/* ---- fields ------------------------------------------------------------- */

struct fields {
	struct gen_schema *schema;
	struct gen_error error;
	bool is_wrong; /* the word, not the file */
};

static int add_field(void *ctx, const char *word)
{
	struct fields *f = ctx;
	const int rc = gen_schema_field(f->schema, word, &f->error);

	f->is_wrong = rc < 0;
	return rc;
}

/* The words of the file come first: those of the line replace them. */
static int make_fields(struct ringgen_setup *s, const struct ringgen_options *o)
{
	struct fields f = { .schema = s->schema };
	int rc = 0;

	if (o->fields_file != NULL)
		rc = ringgen_file_lines(o->fields_file, add_field, &f);
	if (rc < 0 && !f.is_wrong)
		return cannot_read(o, o->fields_file, rc);
	for (unsigned i = 0; rc == 0 && i < o->field_count; i++)
		rc = add_field(&f, o->fields[i]);
	return rc < 0 ? report(o, rc, f.error.text) : EXIT_OK;
}

/* ---- the generator ------------------------------------------------------ */

static int draw_seed(struct ringgen_options *o)
{
	uint64_t seed;

	if (o->has_seed)
		return EXIT_OK;
	if (getrandom(&seed, sizeof(seed), 0) != sizeof(seed))
		return ringgen_error(o, "cannot draw a seed: %s",
				     strerror(errno));
	o->gen.seed = seed & INT64_MAX;
	ringgen_note(o, "seed %llu", (unsigned long long)o->gen.seed);
	return EXIT_OK;
}

static int make_generator(struct ringgen_setup *s, struct ringgen_options *o)
{
	char cache[RINGGEN_CACHE_BYTES];
	struct gen_error error = { 0 };
	int rc = draw_seed(o);

	if (rc != EXIT_OK)
		return rc;
	if (o->has_jit)
		o->gen.engine = GEN_ENGINE_JIT;
	if (o->gen.jit_cache == NULL)
		o->gen.jit_cache = ringgen_env_cache(cache);
	rc = gen_create(s->schema, &o->gen, &error, &s->g);
	o->gen.jit_cache = NULL; /* it lay in `cache` */
	if (rc < 0)
		return report_schema(o, rc, &error);
	if (gen_engine_note(s->g) != NULL)
		ringgen_note(o, "%s", gen_engine_note(s->g));
	return EXIT_OK;
}

/* ---- the sink and the pump ---------------------------------------------- */

static int open_sink(struct ringgen_setup *s, const struct ringgen_options *o,
		     struct gen_error *error)
{
	const bool has_cuts = o->max_count > 0 || o->max_size_bytes > 0;

	if (ringgen_to_stdout(o))
		return gen_sink_fd(STDOUT_FILENO, &s->sink);
	if (o->discards)
		return gen_sink_discard(&s->sink);
	if (o->output_file != NULL && o->output_file[0] != '\0')
		return gen_sink_file(o->output_file, error, &s->sink);
	/* What lies between two cuts is one item, if the ring takes it. */
	return gen_sink_ring(o->ring, &o->ring_options, has_cuts ? SIZE_MAX : 0,
			     error, &s->sink);
}

/* A system that has no such processes still shall have its values. */
static int guard_sink(struct ringgen_setup *s, struct gen_error *error)
{
	const int rc = gen_sink_guard(s->sink, error);

	if (rc != -ENOSYS)
		return rc;
	ringgen_warn("%s; a kill may leave a part of a value", error->text);
	return 0;
}

static int make_sink(struct ringgen_setup *s, const struct ringgen_options *o)
{
	struct gen_error error = { 0 };
	int rc = open_sink(s, o, &error);

	if (rc == 0)
		rc = guard_sink(s, &error);
	if (rc == 0)
		return EXIT_OK;
	return ringgen_error(o, "%s",
			     error.text[0] != '\0' ? error.text
						   : ring_strerror(rc));
}

static int make_pump(struct ringgen_setup *s, const struct ringgen_options *o)
{
	const struct gen_pump_options pump = {
		.rate_limit = o->rate_limit,
		.stutter = o->stutter,
		.has_count = o->count >= 0,
		.count = o->count >= 0 ? (uint64_t)o->count : 0,
		.max_count = o->max_count,
		.max_size_bytes = o->max_size_bytes,
	};
	struct gen_error error = { 0 };
	const int rc = gen_pump_create(s->g, s->sink, &pump, &error, &s->pump);

	return rc < 0 ? report(o, rc, error.text) : EXIT_OK;
}

int ringgen_setup_make(struct ringgen_setup *s, struct ringgen_options *o)
{
	int rc = make_schema(s, o);

	if (rc == EXIT_OK)
		rc = make_fields(s, o);
	if (rc == EXIT_OK)
		rc = make_generator(s, o);
	if (rc == EXIT_OK)
		rc = make_sink(s, o);
	return rc == EXIT_OK ? make_pump(s, o) : rc;
}

void ringgen_setup_release(struct ringgen_setup *s)
{
	gen_pump_free(s->pump);
	gen_sink_free(s->sink);
	gen_free(s->g);
	gen_schema_free(s->schema);
}
