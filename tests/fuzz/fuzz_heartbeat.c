/*
 * Goal: a heartbeat that is accepted has the right checksum, and is written
 * back as it was read.
 * Method: edits of a good one, sealed or not.
 */
#include "ring/slot.h"

#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/script.h"
#include "tests/lib/image.h"
#include "tests/lib/slot_image.h"

#include <string.h>

static void require_accepted(const struct heartbeat *h, uint8_t *image)
{
	uint8_t again[HEARTBEAT_BYTES];

	fuzz_require(image_get(image, 8, 8) ==
			     image_xxh3(image + 16, 32, slot_image_seed()),
		     "the checksum is right");
	fuzz_require(memcmp(image, "BRBEAT\n", 8) == 0, "the magic is right");
	heartbeat_encode(h, slot_image_seed(), again);
	memset(image + 20, 0, 4); /* reserved */
	slot_image_seal(image, HEARTBEAT_BYTES);
	fuzz_require(memcmp(again, image, sizeof(again)) == 0,
		     "it is written as it was read");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len_bytes)
{
	struct script script = { data, len_bytes };
	uint8_t image[HEARTBEAT_BYTES];
	struct heartbeat h;

	slot_image_beat(image);
	if ((script_run(&script, image, sizeof(image)) & SCRIPT_SEAL) != 0)
		slot_image_seal(image, sizeof(image));
	if (heartbeat_decode(image, slot_image_seed(), &h) == 0)
		require_accepted(&h, image);
	return 0;
}
