#include "ring/owner.h"

#include "ring/bytes.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

/*
 * The heartbeat has a block of its own, so that a thread can write it while
 * the handle's owner works with the slots.
 */
struct beat_thread {
	struct beat beat; /* of a volume of its own */
	struct volume volume;
	pthread_t id;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	bool stop;
};

static uint64_t now_ns(const struct beat *b)
{
	const struct ring_system *s = b->volume->system;

	return s->monotonic_ns(s->ctx);
}

static uint64_t block_offset(const struct volume *v, uint32_t role)
{
	return geometry_slot_offset(&v->superblock.geometry, role, ROLE_COPIES);
}

/* What the block holds; all 0 if it is damaged or nobody ever beat. */
static int read_beat(struct volume *v, uint32_t role, struct heartbeat *ret)
{
	const uint64_t offset = block_offset(v, role);
	int rc = volume_read(v, offset, v->sector, v->sector_len);

	if (rc < 0)
		return rc;
	if (heartbeat_decode(v->sector, volume_seed(v, offset), ret) < 0 ||
	    ret->role != role)
		*ret = (struct heartbeat){ 0 };
	return 0;
}

static int write_beat(struct beat *b)
{
	struct volume *v = b->volume;
	const uint64_t offset = block_offset(v, b->role);
	struct heartbeat seen, h = {
		.role = b->role,
		.epoch = b->epoch,
		.counter = ++b->counter,
		.time_ns = v->system->wall_ns(v->system->ctx),
	};

	int rc = read_beat(v, b->role, &seen);

	b->last_ns = now_ns(b);
	/* One who was fenced must not make its successor look alive. */
	if (rc < 0 || seen.epoch > b->epoch)
		return rc;
	heartbeat_encode(&h, volume_seed(v, offset), b->buf);
	return volume_write(v, offset, b->buf, b->len);
}

static int init(struct beat *b, struct volume *v, uint32_t role, uint64_t epoch)
{
	*b = (struct beat){
		.volume = v,
		.role = role,
		.epoch = epoch,
		.interval_ns = (uint64_t)v->superblock.heartbeat_ms * 1000000,
		.len = v->superblock.geometry.block_bytes,
	};
	b->buf = volume_alloc(v, b->len);
	if (b->buf == NULL)
		return -ENOMEM;
	/* A restart counts on, or a watcher might see the same value twice. */
	return beat_read(v, role, &b->counter);
}

static struct timespec deadline_after(uint64_t ns)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	ns += (uint64_t)t.tv_nsec;
	t.tv_sec += (time_t)(ns / 1000000000);
	t.tv_nsec = (long)(ns % 1000000000);
	return t;
}

static void *thread_main(void *arg)
{
	struct beat_thread *t = arg;

	pthread_mutex_lock(&t->lock);
	while (!t->stop) {
		/* Half the interval: one late wake-up must not look dead. */
		struct timespec until = deadline_after(t->beat.interval_ns / 2);

		/* A failed beat only makes the owner look dead: go on. */
		(void)write_beat(&t->beat);
		pthread_cond_timedwait(&t->wake, &t->lock, &until);
	}
	pthread_mutex_unlock(&t->lock);
	return NULL;
}

static int thread_init(struct beat_thread *t, const struct beat *b)
{
	const struct ring_options options = {
		.engine = RING_IO_POSIX,
		.mode = b->volume->io->buffered ? RING_IO_BUFFERED
						: RING_IO_DIRECT,
	};
	pthread_condattr_t attr;
	int rc = volume_open(&t->volume, b->volume->path, &options, false);

	if (rc < 0)
		return rc;
	if (memcmp(t->volume.superblock.uuid, b->volume->superblock.uuid,
		   sizeof(t->volume.superblock.uuid)) != 0) {
		volume_close(&t->volume);
		return -ESTALE; /* the path has become another ring */
	}
	rc = init(&t->beat, &t->volume, b->role, b->epoch);
	if (rc < 0) {
		volume_release(&t->volume, t->beat.buf, t->beat.len);
		volume_close(&t->volume);
		return rc;
	}
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&t->wake, &attr);
	pthread_condattr_destroy(&attr);
	pthread_mutex_init(&t->lock, NULL);
	return 0;
}

static void thread_release(struct beat_thread *t)
{
	pthread_cond_destroy(&t->wake);
	pthread_mutex_destroy(&t->lock);
	volume_release(&t->volume, t->beat.buf, t->beat.len);
	volume_close(&t->volume);
	free(t);
}

static int thread_start(struct beat *b)
{
	struct beat_thread *t;
	int rc;

	t = calloc(1, sizeof(*t));
	if (t == NULL)
		return -ENOMEM;
	rc = thread_init(t, b);
	if (rc < 0) {
		free(t);
		return rc;
	}
	rc = -pthread_create(&t->id, NULL, thread_main, t);
	if (rc < 0) {
		thread_release(t);
		return rc;
	}
	b->thread = t;
	return 0;
}

int beat_start(struct beat *b, struct volume *v, uint32_t role, uint64_t epoch)
{
	int rc = init(b, v, role, epoch);

	if (rc == 0)
		rc = write_beat(b);
	if (rc == 0 && v->heartbeat_thread)
		rc = thread_start(b);
	return rc;
}

uint64_t beat_due_ns(const struct beat *b)
{
	uint64_t passed;

	if (b->thread != NULL)
		return b->interval_ns; /* never the caller's business */
	passed = now_ns(b) - b->last_ns;
	return passed >= b->interval_ns ? 0 : b->interval_ns - passed;
}

int beat_tick(struct beat *b)
{
	if (beat_due_ns(b) > 0)
		return 0;
	return write_beat(b);
}

static void thread_stop(struct beat_thread *t)
{
	pthread_mutex_lock(&t->lock);
	t->stop = true;
	pthread_cond_signal(&t->wake);
	pthread_mutex_unlock(&t->lock);
	pthread_join(t->id, NULL);
	thread_release(t);
}

void beat_stop(struct beat *b)
{
	if (b->thread != NULL)
		thread_stop(b->thread);
	b->thread = NULL;
	if (b->volume != NULL)
		volume_release(b->volume, b->buf, b->len);
	b->buf = NULL;
}

int beat_read(struct volume *v, uint32_t role, uint64_t *ret_counter)
{
	struct heartbeat h;
	int rc = read_beat(v, role, &h);

	if (rc == 0)
		*ret_counter = h.counter;
	return rc;
}
