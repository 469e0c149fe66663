#ifndef GENERATOR_GENERATOR_H
#define GENERATOR_GENERATOR_H

/*
 * Random values of any type, encoded, at a rate, into a file, a pipe or a ring.
 *
 * A schema says which type; a generator turns it into encoded values, the same
 * ones for the same seed on every machine, with every engine and any number of
 * threads; a sink takes them; a pump moves them, when they are due. Each can be
 * used without what comes behind it. docs/GENERATOR.md specifies schemas,
 * values and every encoding; generator(3) is the guide.
 *
 * Threads: one call at a time on a handle, from any thread.
 *
 * Results: 0 or a count, or a negative code: -EINVAL for what the caller, or
 * who wrote the schema, got wrong, -errno as the system gave it, the codes of
 * ring_error.h from a sink that is a ring. Each call with a struct gen_error
 * explains its failure there.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Why a call failed. NULL is fine where one is asked for. */
struct gen_error {
	unsigned line, column; /* of the schema, from 1; 0: not in its text */
	char text[240];        /* what was expected, what was met */
};

/* ---- schemas ------------------------------------------------------------ */

struct gen_schema;

/*
 * Parse a schema of either grammar (GENERATOR.md 1). `text` need not end with
 * NUL, may hold anything, and is not needed any more afterwards. -EINVAL,
 * -ENOMEM.
 */
int gen_schema_parse(const char *text, size_t len_bytes,
		     struct gen_error *ret_error,
		     struct gen_schema **ret_schema);

/* NULL is fine. Generators that were made of it stay as they are. */
void gen_schema_free(struct gen_schema *schema);

/*
 * Say how the values of one field are drawn: "NAME=KIND:..." (GENERATOR.md
 * 1.4). A later word on the same field replaces an earlier one. -EINVAL, and
 * the schema is as it was; -ENOMEM.
 */
int gen_schema_field(struct gen_schema *schema, const char *word,
		     struct gen_error *ret_error);

/* The schema in the first grammar, in at most size bytes, NUL included. Returns
 * its full length, like snprintf. */
size_t gen_schema_print(const struct gen_schema *schema, char *buf,
			size_t size);

/* ---- generators --------------------------------------------------------- */

enum gen_engine {
	GEN_ENGINE_INTERPRETER,
	GEN_ENGINE_JIT, /* needs a C compiler; see jit_* below */
};

struct gen_range {
	bool given; /* false: the default */
	uint32_t min, max;
};

struct gen_csv_options {
	char separator;   /* 0: a comma */
	char quote;       /* 0: quote only where the text demands it */
	const char *null; /* NULL: \N */
	bool clickhouse;  /* lists in brackets instead of columns */
	bool hex_floats;  /* floats as C99's %a instead of decimal */
};

/* Zeros are the defaults. Only read during the call. */
struct gen_options {
	const char *encoding; /* NULL: s-expression; see gen_encoding_name() */
	uint64_t seed;

	bool has_null_rate;             /* false: a half */
	double null_rate;               /* 0..1 */
	struct gen_range string_length; /* 0..15 */
	struct gen_range array_length;  /* 0..7 */

	struct gen_csv_options csv;
	bool with_newlines;      /* behind each JSON and S-expression */
	unsigned ringbuf_layout; /* 29 or 30; 0: 29 */

	unsigned threads; /* that make values, 256 at most; 0: one */
	enum gen_engine engine;

	/*
	 * Where compiled programs are kept between runs; NULL: nowhere. It is
	 * made (0700) if it is not there, with what is missing around it, and
	 * not used unless it belongs to this user and nobody else may write to
	 * it.
	 */
	const char *jit_cache;
	const char *jit_compiler; /* NULL: cc */
};

struct generator;

/*
 * Make a generator. The schema is only read during the call. -EINVAL: the type
 * can't be generated or not be encoded so, or an option is out of its bounds;
 * -ENOMEM, -EAGAIN (a thread). That there is no compiler is no failure: see
 * gen_engine_note().
 */
int gen_create(const struct gen_schema *schema,
	       const struct gen_options *options, struct gen_error *ret_error,
	       struct generator **ret_generator);

/* NULL is fine. */
void gen_free(struct generator *g);

/* A batch of whole encoded values, one behind the other. */
struct gen_batch {
	const uint8_t *bytes;
	size_t len_bytes;
	uint64_t values;
	/* Where each value ends, from `bytes` on; NULL unless asked for. */
	const uint64_t *ends;
};

/* What a batch is to be. */
struct gen_demand {
	uint64_t values; /* at most; at least 1 */

	/* Put them here; NULL: in memory of the generator's. */
	uint8_t *room;
	size_t room_bytes; /* not 0 with room */

	bool wants_ends;
};

/*
 * The next values: as many as asked for, or fewer. With room, as many as fit
 * there; they may lie elsewhere all the same (with threads). No value at all:
 * the next one alone is larger than the room; ask again without. What is
 * returned is lent until the next call. -EMSGSIZE: a value is larger than
 * GEN_VALUE_MAX; -ENOMEM.
 */
int gen_next(struct generator *g, const struct gen_demand *demand,
	     struct gen_batch *ret_batch);

/* Bytes of one encoded value, at most. */
#define GEN_VALUE_MAX ((size_t)1 << 30)

/* Go on with value `number`, counted from 0; those of its block before it are
 * made once more. -EMSGSIZE, -ENOMEM: as gen_next(); with threads it is that
 * which tells. */
int gen_seek(struct generator *g, uint64_t number);

/* Why the engine is not the one asked for, or where it was slower to start
 * than it should be; NULL: all is as asked for. The generator's. */
const char *gen_engine_note(const struct generator *g);

/* The name of an encoding, or NULL behind the last one. */
const char *gen_encoding_name(unsigned index);

/* ---- sinks -------------------------------------------------------------- */

struct gen_sink;

/* NULL is fine. No pump may use it any more; what a pump has not brought to its
 * end stays as it is. Only in the process that made it, not in a copy. */
void gen_sink_free(struct gen_sink *sink);

/* Takes everything and keeps nothing. -ENOMEM. */
int gen_sink_discard(struct gen_sink **ret_sink);

/*
 * Write to a descriptor, which stays the caller's; it may be a file, a pipe or
 * a socket. A file is opened once more through /proc, if it can be, and locked
 * (F_OFD_SETLK) during each write. -ENOMEM; -errno of fcntl(2).
 */
int gen_sink_fd(int fd, struct gen_sink **ret_sink);

/*
 * A file. One that exists is appended to, and locked (F_OFD_SETLK) during each
 * write. Otherwise it is written as NAME.tmp (or NAME.tmp.2 ...) and gets its
 * name when it is complete: at the end, or, as NAME.0, NAME.1 ..., where the
 * pump cuts. -errno, -ENOMEM.
 */
int gen_sink_file(const char *path, struct gen_error *ret_error,
		  struct gen_sink **ret_sink);

/*
 * A ring, to be written as its only producer. What lies between two cuts is one
 * item of whole values; without cuts an item grows to item_bytes (0: 1 MiB, or
 * the ring's largest item if that is less), or to what there is when the pump
 * has to wait. The options are copied; NULL: defaults. Errors: those of
 * ring_info() and ring_producer_attach(), -ENOMEM.
 */
struct ring_options;
int gen_sink_ring(const char *path, const struct ring_options *options,
		  size_t item_bytes, struct gen_error *ret_error,
		  struct gen_sink **ret_sink);

/*
 * A kill may end a write between two pages: a file that is appended to, or that
 * a descriptor leads to, then ends in a part of a value. This starts a process
 * that takes such a part away again when this one is gone. It ends with the
 * sink, or with that file. Other sinks need none, and start none.
 * docs/GENERATOR.md 4.2.
 *
 * That process is a copy of the calling one: what it had in memory at that
 * moment stays in memory as long as it runs, so call this early. It keeps
 * nothing open but the file, and runs no code of the caller's. As long as this
 * process lives, no wait(2) sees it but with __WCLONE or __WALL: make none of
 * these for any child.
 * Call it once, before the sink has a pump. -EUSERS: there are too many
 * processes; -ENOSYS: Linux is older than 5.9; -ECHILD: it was killed at once;
 * -ENOMEM, -errno: there is no guard, and the sink goes on without.
 */
int gen_sink_guard(struct gen_sink *sink, struct gen_error *ret_error);

/* ---- pumps -------------------------------------------------------------- */

/* Zeros: everything, as fast as it goes, for ever. */
struct gen_pump_options {
	double rate_limit; /* values a second; 0: none */
	double stutter;    /* each value comes 1 + so many times, on average */
	bool has_count;
	uint64_t count; /* values in all */

	/* End a file or a message behind so many values, or behind the value
	 * that makes it so many bytes; 0: never. With both, only the values
	 * count. */
	uint64_t max_count;
	uint64_t max_size_bytes;
};

struct gen_pump;

/* Lends the generator and the sink; the options are copied. -EINVAL for a rate
 * or a stutter that is negative or no number; -ENOMEM. */
int gen_pump_create(struct generator *g, struct gen_sink *sink,
		    const struct gen_pump_options *options,
		    struct gen_error *ret_error, struct gen_pump **ret_pump);

/* NULL is fine. */
void gen_pump_free(struct gen_pump *pump);

/* What a step leaves to be done. */
struct gen_step {
	bool is_done;      /* all values are taken, and the sink is closed */
	uint64_t until_ns; /* the next one is worth it then; 0: at once;
			    * UINT64_MAX: only when fd is ready */
	int fd;            /* or when this polls ready; -1: there is none */
	short events;      /* for poll(2) */
	bool is_full;      /* it is the sink that is waited for */
};

/*
 * Move what is due at now_ns, of a clock that never goes back, but not much
 * more than a MiB. A step that finds the sink full is 0, too, says what to wait
 * for, and why in *ret_error. -errno or a code of ring_error.h: what the sink
 * met; nothing that it took before is lost. -EMSGSIZE: a value is too large for
 * the sink. -ENOMEM. Each later step fails in the same way.
 */
int gen_pump_step(struct gen_pump *pump, uint64_t now_ns,
		  struct gen_step *ret_step, struct gen_error *ret_error);

/* No more values: later steps only bring out what was made, then are done. */
void gen_pump_stop(struct gen_pump *pump);

struct gen_pump_stats {
	uint64_t values; /* taken by the sink; copies of --stutter count */
	uint64_t bytes;
	uint64_t cuts;
};

void gen_pump_stats(const struct gen_pump *pump, struct gen_pump_stats *ret);

#ifdef __cplusplus
}
#endif

#endif
