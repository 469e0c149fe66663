#include "tests/bench/channel.h"

#include <stdio.h>

enum { FILE_BYTES = 16 << 20 };

static void set_path(struct channel *ch, const char *dir)
{
	snprintf(ch->path, sizeof(ch->path), "%s/queue", dir);
}

/* The drainer first: it must not inherit what the producer opens. */
int channel_open_ring(struct channel *ch, const char *dir)
{
	const struct ring_create_options create = { .size_bytes = FILE_BYTES };
	int rc;

	set_path(ch, dir);
	ch->options = (struct ring_options){
		.durability = RING_DURABILITY_PROCESS,
		.mode = RING_IO_BUFFERED,
		.fault = &ch->fault,
	};
	ch->drains = (struct drainer_ring){ ch->path, &ch->options };
	rc = ring_create(ch->path, &create, &ch->options);
	if (rc == 0)
		rc = drainer_start(&ch->drainer, drainer_ring, &ch->drains);
	return rc < 0 ? rc
		      : ring_producer_attach(ch->path, &ch->options, &ch->ring,
					     NULL);
}

int channel_open_bare(struct channel *ch, const char *dir)
{
	int rc;

	set_path(ch, dir);
	rc = bare_queue_open(&ch->bare, ch->path);
	return rc < 0 ? rc
		      : drainer_start(&ch->drainer, bare_queue_drain, ch->path);
}

void channel_close(struct channel *ch)
{
	drainer_stop(&ch->drainer);
	ring_producer_free(ch->ring);
	bare_queue_close(&ch->bare);
}
