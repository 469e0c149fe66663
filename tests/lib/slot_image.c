#include "tests/lib/slot_image.h"

#include "tests/lib/image.h"

#include <string.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

const uint8_t slot_image_uuid[16] = { 9, 8, 7, 6, 5, 4, 3, 2,
				      1, 0, 1, 2, 3, 4, 5, 6 };

uint64_t slot_image_seed(void)
{
	return image_seed(slot_image_uuid, SLOT_IMAGE_OFFSET);
}

void slot_image_seal(uint8_t *image, size_t len_bytes)
{
	image_put(image,
		  (struct image_field){ 8, 8,
					image_xxh3(image + 16, len_bytes - 16,
						   slot_image_seed()) });
}

static const struct image_field header_fields[] = {
	{ 24, 8, 0x0102 },                       /* epoch */
	{ 32, 8, UINT64_C(0x1112131415161718) }, /* generation */
	{ 40, 8, UINT64_C(0x1112131415161717) }, /* sealed generation */
	{ 56, 8, UINT64_C(0x2122232425262728) }, /* time */
	{ 64, 8, UINT64_C(0x3736353433323130) }, /* host id */
	{ 72, 8, UINT64_C(0x3f3e3d3c3b3a3938) },
	{ 80, 8, UINT64_C(0x4746454443424140) }, /* boot id */
	{ 88, 8, UINT64_C(0x4f4e4d4c4b4a4948) },
	{ 96, 8, UINT64_C(0x5152535455565758) },  /* process id */
	{ 104, 8, UINT64_C(0x6162636465666768) }, /* its start */
};

static void make_header(uint8_t *image, const char *magic, size_t len_bytes)
{
	memset(image, 0, len_bytes);
	memcpy(image, magic, 8);
	image_put(image, (struct image_field){ 16, 4, len_bytes });
	image_put_all(image, header_fields, ARRAY_SIZE(header_fields));
	memcpy(image + 112, "a client", 8);
}

static const struct image_field producer_fields[] = {
	{ 20, 4, 0 },              /* role */
	{ 48, 4, 3 },              /* state: attached */
	{ 52, 4, 7 },              /* flags: page cache, owes a gap, closed */
	{ 176, 8, 0x5000 },        /* epoch start */
	{ 184, 8, 0x6008 },        /* checkpoint */
	{ 192, 8, 0x5800 },        /* exposed */
	{ 200, 8, 77 },            /* its sequence number */
	{ 208, 8, 79 },            /* next sequence number */
	{ 216, 8, 0x7ea7 },        /* time of the last commit */
	{ 224, 4, 3 },             /* length of the cookie */
	{ 228, 4, 2 },             /* segments */
	{ 512, 8, 0x1000 },        /* first segment: start */
	{ 520, 8, 0x3000 },        /* end */
	{ 528, 8, 1 },             /* first epoch */
	{ 536, 8, 0xfe },          /* last epoch */
	{ 544, 8, 0x4000 },        /* second segment: start */
	{ 552, 8, 0 },             /* it is open */
	{ 560, 8, 0x100 },         /* first epoch */
	{ 568, 8, 0x102 },         /* last epoch */
	{ 1280 + 8, 8, 0xacce55 }, /* operator: acknowledged */
	{ 1320, 8, 0x1d },         /* cursor 0: incarnation */
	{ 1328, 8, 0xacced },      /* acknowledged */
	{ 1336, 8, 0x2008 },       /* position */
	{ 1344, 8, 12 },           /* its sequence number */
	{ 1352, 4, 1 },            /* joined */
	{ 3840, 8, 0x3f },         /* cursor 63: incarnation */
	{ 3872, 4, 3 },            /* refused */
};

void slot_image_producer(uint8_t *image)
{
	make_header(image, "BRSLOTP\n", 4096);
	image_put_all(image, producer_fields, ARRAY_SIZE(producer_fields));
	memcpy(image + 240, "\x01\x00\xff", 3);
	slot_image_seal(image, 4096);
}

static const struct image_field cursor_fields[] = {
	{ 20, 4, SLOT_IMAGE_CURSOR }, /* role */
	{ 48, 4, 4 },                 /* state: attached */
	{ 52, 4, 1 },                 /* flags: page cache */
	{ 240, 8, 0x1d },             /* incarnation */
	{ 248, 8, 0x2010 },           /* position */
	{ 256, 8, 13 },               /* its sequence number */
	{ 264, 8, 0x2008 },           /* sealed position */
	{ 272, 8, 12 },               /* its sequence number */
	{ 280, 8, 0x4e4e },           /* request id */
	{ 288, 4, 1 },                /* suspend */
	{ 292, 4, 1 },                /* join at the oldest */
	{ 296, 8, 0x5151 },           /* generation of the request */
	{ 304, 8, 0x5252 },           /* generation of the state */
	{ 312, 4, 2 },                /* length of the cookie */
};

void slot_image_cursor(uint8_t *image)
{
	make_header(image, "BRSLOTC\n", 512);
	image_put_all(image, cursor_fields, ARRAY_SIZE(cursor_fields));
	memcpy(image + 176, "a cursor", 8);
	memcpy(image + 320, "\xc0\x0c", 2);
	slot_image_seal(image, 512);
}

static const struct image_field beat_fields[] = {
	{ 16, 4, 4 },      /* role */
	{ 24, 8, 0x0102 }, /* epoch */
	{ 32, 8, 0x0304 }, /* counter */
	{ 40, 8, 0x0506 }, /* time */
};

void slot_image_beat(uint8_t *image)
{
	memset(image, 0, 48);
	memcpy(image, "BRBEAT\n", 8);
	image_put_all(image, beat_fields, ARRAY_SIZE(beat_fields));
	slot_image_seal(image, 48);
}
