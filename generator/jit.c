#include "generator/jit.h"

#include "generator/emit_c.h"
#include "generator/error.h"
#include "generator/jit_cache.h"
#include "generator/jit_cc.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Beyond this many steps a compiler takes seconds and more, while what it makes
 * outgrows the processor's caches and gains nothing. */
enum { OPS_MAX = 1000 };

/* ---- load ---------------------------------------------------------------- */

static int open_module(const char *path, struct gen_error *why,
		       void **ret_module, gen_run_fn **ret_run)
{
	void *module = dlopen(path, RTLD_NOLOAD | RTLD_LAZY);
	gen_run_fn *run = NULL;

	/* One that could not be unloaded: its path is taken for ever. */
	if (module != NULL) {
		dlclose(module);
		return gen_error_set(why, "cannot load a program: another "
					  "one is in its place");
	}
	module = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (module != NULL)
		run = (gen_run_fn *)dlsym(module, "gen_compiled");
	if (run != NULL) {
		*ret_module = module;
		*ret_run = run;
		return 0;
	}
	gen_error_set(why, "cannot load a program: %s", dlerror());
	if (module != NULL)
		dlclose(module);
	return -EINVAL;
}

/*
 * From a file that has no name, so that what is loaded is what was read and
 * checked. Its descriptor stays open as long as the module is there: the loader
 * knows modules by their path, and would take the next one of the same number
 * for this one.
 */
static int load(struct jit *jit, const struct jit_object *object,
		struct gen_error *why)
{
	const int fd = memfd_create("blkring-jit", MFD_CLOEXEC);
	int rc = fd < 0 ? -errno
			: jit_write(fd, object->bytes, object->len_bytes);
	char path[32];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (rc < 0)
		gen_error_set(why, "cannot load a program: %s", strerror(-rc));
	else
		rc = open_module(path, why, &jit->module, &jit->run);
	if (rc == 0)
		jit->fd = fd;
	else if (fd >= 0)
		close(fd);
	return rc;
}

/* ---- find or compile ------------------------------------------------------ */

/* What an object depends on: who compiles, how, and what, which is its end. */
static char *make_key(const struct gen_program *program,
		      struct jit_source *source)
{
	char *ret = NULL;
	size_t len, front;
	FILE *out = open_memstream(&ret, &len);
	bool is_whole;

	if (out == NULL)
		return NULL;
	fputs(source->compiler, out);
	for (size_t i = 0; jit_cc_flags[i] != NULL; i++)
		fprintf(out, " %s", jit_cc_flags[i]);
	fputc('\n', out);
	fflush(out);
	front = len;
	gen_emit_c(program, out);
	is_whole = ferror(out) == 0;
	if (fclose(out) == 0 && is_whole) {
		source->text = ret + front;
		return ret;
	}
	free(ret);
	return NULL;
}

static bool load_cached(struct jit *jit, int cache, const char *key)
{
	struct gen_error why;
	struct jit_object object;

	if (!jit_cache_get(cache, key, &jit->note, &object))
		return false;
	if (load(jit, &object, &why) < 0)
		gen_error_set(&jit->note, "compiled again: %s", why.text);
	free(object.bytes);
	return jit->run != NULL;
}

static void load_compiled(struct jit *jit, int cache, const char *key,
			  const struct jit_source *source)
{
	struct gen_error why;
	struct jit_object object = { 0 };

	if (jit_cc(source, &why, &object) < 0 || load(jit, &object, &why) < 0)
		gen_error_set(&jit->note, "interpreted: %s", why.text);
	else if (cache >= 0)
		jit_cache_put(cache, key, &object, &jit->note);
	free(object.bytes);
}

static void find_or_compile(struct jit *jit, const struct gen_program *program,
			    const struct gen_options *options)
{
	struct jit_source source = {
		.compiler = options->jit_compiler,
	};
	char *key;
	int cache = -1;

	if (source.compiler == NULL)
		source.compiler = "cc";
	key = make_key(program, &source);
	if (key == NULL) {
		gen_error_set(&jit->note, "interpreted: out of memory");
		return;
	}
	if (options->jit_cache != NULL)
		cache = jit_cache_open(options->jit_cache, &jit->note);
	if (cache < 0 || !load_cached(jit, cache, key))
		load_compiled(jit, cache, key, &source);
	if (cache >= 0)
		close(cache);
	free(key);
}

void jit_start(struct jit *jit, const struct gen_program *program,
	       const struct gen_options *options)
{
	memset(jit, 0, sizeof(*jit));
	if (program->op_count <= OPS_MAX)
		find_or_compile(jit, program, options);
	else
		gen_error_set(&jit->note,
			      "interpreted: a value takes %zu steps, and more "
			      "than %d are not compiled",
			      program->op_count, OPS_MAX);
}

void jit_stop(struct jit *jit)
{
	if (jit->module != NULL) {
		dlclose(jit->module);
		close(jit->fd);
	}
	memset(jit, 0, sizeof(*jit));
}
