#include "generator/file_tail.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- the lock ------------------------------------------------------------ */

/* Of the open file description: it is not lost when the process closes another
 * descriptor of that file, and the guard's copy keeps it. */
static int set_lock(struct tail_file file, short type)
{
	struct flock whole = { .l_type = type, .l_whence = SEEK_SET };

	if (!file.is_shared || fcntl(file.fd, F_OFD_SETLK, &whole) == 0)
		return 0;
	return errno == EACCES ? -EAGAIN : -errno;
}

long file_tail_lock_holder(struct tail_file file)
{
	struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

	if (fcntl(file.fd, F_OFD_GETLK, &whole) < 0 ||
	    whole.l_type == F_UNLCK || whole.l_pid <= 0)
		return 0;
	return whole.l_pid;
}

static void finish(struct file_tail *t, struct tail_file file)
{
	t->end_bytes = 0;
	/* That can't be mended: at the latest, a close unlocks it. */
	set_lock(file, F_UNLCK);
}

/* ---- a batch ------------------------------------------------------------- */

static off_t offset_of(int fd)
{
	return lseek(fd, 0, SEEK_CUR);
}

static void move_to(int fd, off_t offset)
{
	lseek(fd, offset, SEEK_SET);
}

/* Where the next write goes; -errno. */
static off_t find_place(struct tail_file file)
{
	const off_t place = offset_of(file.place_fd);

	if (place < 0 || lseek(file.fd, place, SEEK_SET) < 0)
		return -errno;
	return place;
}

/* Note a batch, unless it goes elsewhere than to the end: what is written over
 * something else could not be taken back. */
static int note_batch(struct file_tail *t, struct tail_file file,
		      size_t len_bytes)
{
	const off_t place =
		file.place_fd >= 0 ? find_place(file) : offset_of(file.fd);
	const int flags = fcntl(file.fd, F_GETFL);
	struct stat st;

	if (place < 0 || flags < 0 || fstat(file.fd, &st) < 0)
		return -errno;
	if ((flags & O_APPEND) == 0 && place != st.st_size)
		return 0;
	/* In this order: at each moment it is this batch or none. */
	t->start_bytes = (uint64_t)st.st_size;
	t->end_bytes = (uint64_t)st.st_size + len_bytes;
	return 0;
}

int file_tail_begin(struct file_tail *t, struct tail_file file,
		    size_t len_bytes)
{
	int rc = set_lock(file, F_WRLCK);

	if (rc < 0)
		return rc;
	rc = note_batch(t, file, len_bytes);
	if (rc < 0)
		finish(t, file);
	return rc;
}

void file_tail_end(struct file_tail *t, struct tail_file file)
{
	if (file.place_fd >= 0)
		move_to(file.place_fd, offset_of(file.fd));
	finish(t, file);
}

/* ---- taking it back ------------------------------------------------------ */

/* Cut the file to `size_left`, if it ends with what was written through `fd`.
 * A write, also one that a kill ended, leaves the offset behind its bytes: if
 * that is not the end, somebody else's are there. */
static void cut_to(int fd, off_t size, off_t size_left)
{
	if (size > size_left &&
	    (offset_of(fd) != size || ftruncate(fd, size_left) < 0))
		return;
	/* Whoever writes on through this description finds the end again. */
	move_to(fd, size_left);
}

static void take_back(off_t start, off_t end, struct tail_file file)
{
	const off_t place =
		file.place_fd >= 0 ? offset_of(file.place_fd) : start;
	struct stat st;

	if (end <= start || fstat(file.fd, &st) < 0 || st.st_size < start)
		return;
	if (place > start) /* somebody went on there, over the batch */
		cut_to(file.fd, st.st_size, place);
	else if (st.st_size < end)
		cut_to(file.fd, st.st_size, start);
	else if (file.place_fd >= 0)
		move_to(file.place_fd, end);
}

void file_tail_undo(struct file_tail *t, struct tail_file file)
{
	take_back((off_t)t->start_bytes, (off_t)t->end_bytes, file);
	finish(t, file);
}
