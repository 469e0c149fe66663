/*
 * A program of somebody else: compiled as C and as C++, outside of the source
 * tree, with the flags of pkg-config only. Makes a ring, publishes an item,
 * takes it back.
 */
#include <ring/ring.h>

#include <stdio.h>
#include <string.h>

static int publish(const char *path, const char *text)
{
	struct ring_producer *producer;
	struct ring_entry entry;
	int rc = ring_producer_attach(path, NULL, &producer, NULL);

	if (rc < 0)
		return rc;
	memset(&entry, 0, sizeof(entry));
	entry.data = text;
	entry.data_bytes = strlen(text);
	rc = ring_producer_publish(producer, &entry, 1, NULL, NULL);
	ring_producer_free(producer);
	return rc;
}

static int consume(const char *path, const char *text)
{
	struct ring_consumer *consumer;
	struct ring_item item;
	int rc = ring_consumer_attach(path, NULL, NULL, &consumer, NULL);

	if (rc < 0)
		return rc;
	rc = ring_consumer_pop(consumer, RING_POSITION_NONE, &item);
	if (rc == 0 && (item.data_bytes != strlen(text) ||
			memcmp(item.data, text, item.data_bytes) != 0))
		rc = -RING_ERR_DAMAGED;
	if (rc == 0)
		rc = ring_consumer_advance(consumer, item.next, NULL);
	ring_consumer_free(consumer);
	return rc;
}

int main(int argc, char **argv)
{
	struct ring_create_options create;
	int rc;

	if (argc != 2)
		return 2;
	memset(&create, 0, sizeof(create));
	create.size_bytes = 16 << 20;
	rc = ring_create(argv[1], &create, NULL);
	if (rc == 0)
		rc = publish(argv[1], "an item");
	if (rc == 0)
		rc = consume(argv[1], "an item");
	if (rc < 0)
		fprintf(stderr, "program: %s\n", ring_strerror(rc));
	return rc < 0;
}
