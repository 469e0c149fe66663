#include "tools/backup.h"

#include "tools/human.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libgen.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BACKUP_MAGIC "ringctl-backup 1 "

static const char NOT_A_BACKUP[] = "not a backup of ringctl";

enum { LINE_HEAD = 64, SUM_DIGITS = 16, ENTRY_MAX = 1 << 20 };

/* FNV-1a: against torn and mixed-up lines, not against malice. */
static uint64_t sum(uint64_t chain, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		chain = (chain ^ (uint8_t)text[i]) * UINT64_C(0x100000001b3);
	return chain;
}

static uint64_t first_sum(void)
{
	return UINT64_C(0xcbf29ce484222325);
}

/* ---- writing ------------------------------------------------------------ */

static int write_all(int fd, const char *text, size_t len)
{
	while (len > 0) {
		const ssize_t n = write(fd, text, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -EIO;
		text += n;
		len -= (size_t)n;
	}
	return fsync(fd) < 0 ? -errno : 0;
}

/* `text` ends in a space and has room for the checksum behind it. */
static int put_line(struct backup_writer *w, char *text, size_t len)
{
	w->chain = sum(w->chain, text, len);
	snprintf(text + len, SUM_DIGITS + 2, "%016" PRIx64 "\n", w->chain);
	return write_all(w->fd, text, len + SUM_DIGITS + 1);
}

/* The file's name is durable only when its directory is. */
static int sync_directory(const char *path)
{
	char *copy = strdup(path);
	int fd, rc;

	if (copy == NULL)
		return -ENOMEM;
	fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	free(copy);
	if (fd < 0)
		return -errno;
	rc = fsync(fd) < 0 ? -errno : 0;
	close(fd);
	return rc;
}

int backup_create(struct backup_writer *w, const char *path,
		  const uint8_t uuid[16], uint64_t device_bytes)
{
	char text[2 * LINE_HEAD + SUM_DIGITS + 2], id[HUMAN_BYTES];
	int len, rc;

	w->path = path;
	w->chain = first_sum();
	w->fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (w->fd < 0)
		return -errno;
	len = snprintf(text, 2 * LINE_HEAD, BACKUP_MAGIC "%s %" PRIu64 " ",
		       human_uuid(id, uuid), device_bytes);
	rc = put_line(w, text, (size_t)len);
	return rc < 0 ? rc : sync_directory(path);
}

int backup_append(struct backup_writer *w, uint64_t offset, const void *bytes,
		  size_t len)
{
	const uint8_t *from = bytes;
	char *text = malloc(LINE_HEAD + 2 * len + SUM_DIGITS + 3);
	size_t at;
	int rc;

	if (text == NULL)
		return -ENOMEM;
	at = (size_t)snprintf(text, LINE_HEAD, "%" PRIu64 " %zu ", offset, len);
	for (size_t i = 0; i < len; i++)
		at += (size_t)snprintf(text + at, 3, "%02x", from[i]);
	text[at++] = ' ';
	rc = put_line(w, text, at);
	free(text);
	return rc;
}

void backup_close(struct backup_writer *w)
{
	if (w->fd >= 0)
		close(w->fd);
	w->fd = -1;
}

/* ---- reading ------------------------------------------------------------ */

/* Whether the line is whole: cuts its checksum off, and goes on with it. */
static bool take_sum(char *line, size_t len, uint64_t *chain)
{
	const size_t text = len - SUM_DIGITS - 1;
	char *end;

	if (len < SUM_DIGITS + 2)
		return false;
	*chain = sum(*chain, line, text);
	if (strtoull(line + text, &end, 16) != *chain || *end != '\n')
		return false;
	line[text] = '\0';
	return true;
}

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool read_hex(const char *text, struct backup_entry *e)
{
	for (size_t i = 0; i < e->len; i++) {
		const int high = digit(text[2 * i]);
		const int low = high < 0 ? -1 : digit(text[2 * i + 1]);

		if (low < 0)
			return false;
		e->bytes[i] = (uint8_t)(high * 16 + low);
	}
	return text[2 * e->len] == ' ';
}

static bool read_entry(const char *line, struct backup_entry *e)
{
	int at = 0;

	if (sscanf(line, "%" SCNu64 " %zu %n", &e->offset, &e->len, &at) != 2 ||
	    at == 0 || e->len == 0 || e->len > ENTRY_MAX)
		return false;
	e->bytes = malloc(e->len);
	return e->bytes != NULL && read_hex(line + at, e);
}

static const char *add_entry(struct backup *b, const char *line)
{
	struct backup_entry *grown =
		realloc(b->entries, (b->count + 1) * sizeof(*b->entries));

	if (grown == NULL)
		return "out of memory";
	b->entries = grown;
	b->entries[b->count] = (struct backup_entry){ 0 };
	return read_entry(line, &b->entries[b->count++]) ? NULL
							 : "it is damaged";
}

static const char *read_head(struct backup *b, const char *line)
{
	if (strncmp(line, BACKUP_MAGIC, strlen(BACKUP_MAGIC)) != 0 ||
	    sscanf(line + strlen(BACKUP_MAGIC), "%39s %" SCNu64, b->uuid,
		   &b->device_bytes) != 2)
		return NOT_A_BACKUP;
	return NULL;
}

/* A last line that is torn, and so has no end, was never acted on. */
static const char *read_lines(struct backup *b, FILE *in)
{
	uint64_t chain = first_sum();
	const char *wrong = NULL;
	char *line = NULL;
	size_t size = 0;
	ssize_t len;

	while (wrong == NULL && (len = getline(&line, &size, in)) > 0 &&
	       line[len - 1] == '\n') {
		const bool is_head = b->uuid[0] == '\0';

		if (!take_sum(line, (size_t)len, &chain))
			wrong = is_head ? NOT_A_BACKUP : "it is damaged";
		else if (is_head)
			wrong = read_head(b, line);
		else
			wrong = add_entry(b, line);
	}
	free(line);
	if (wrong == NULL && ferror(in))
		wrong = "cannot be read";
	if (wrong == NULL && b->uuid[0] == '\0')
		wrong = NOT_A_BACKUP;
	return wrong;
}

const char *backup_load(struct backup *b, const char *path)
{
	FILE *in = fopen(path, "re");
	const char *wrong;

	*b = (struct backup){ 0 };
	if (in == NULL)
		return strerror(errno);
	wrong = read_lines(b, in);
	fclose(in);
	return wrong;
}

void backup_release(struct backup *b)
{
	for (size_t i = 0; i < b->count; i++)
		free(b->entries[i].bytes);
	free(b->entries);
	*b = (struct backup){ 0 };
}
