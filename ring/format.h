#ifndef RING_FORMAT_H
#define RING_FORMAT_H

#include "ring/volume.h"

/* What create and erase share: files, what they hold, and who uses them. */

/* A file that create() makes or grows. */
struct format_file {
	int fd;      /* -1: nothing to finish */
	bool is_new; /* remove it if create fails */
};

/*
 * Make `path` a file of create->size_bytes, if it does not exist: written
 * once, so that no later commit has to convert extents (unless sparse).
 * An existing file that is empty grows likewise. The lock of a producer is held
 * meanwhile, or zeros might go where somebody else makes a ring: OWNED. Fills
 * the fault.
 */
int format_prepare_file(const char *path,
			const struct ring_create_options *create,
			const struct ring_options *options,
			struct format_file *ret_file);

/*
 * Make file and name durable, or after a failure, rc < 0 or of that, undo;
 * not where somebody else has made a ring in it (OWNED, OCCUPIED).
 * Returns rc or that failure, whose fault it fills.
 */
int format_finish_file(const char *path, struct format_file *file,
		       const struct ring_options *options, int rc);

/* What is looked at before something is written over. */
enum format_care {
	FORMAT_CARE_NONE,       /* nothing: that was asked for */
	FORMAT_CARE_SIGNATURES, /* signatures: the rest is ours */
	FORMAT_CARE_ALL,        /* of a file also the rest */
};

/*
 * Take every lock of the ring that may be there (OWNED), and see that the
 * storage holds nothing that `care` speaks of (OCCUPIED). -errno.
 */
int format_claim(struct volume *v, enum format_care care);

/* Give the locks back. */
void format_release(struct volume *v);

/* Zero both superblocks, each flushed; `zeros` is a buffer of 64 KiB. */
int format_invalidate(struct volume *v, uint8_t *zeros);

#endif
