#include "tools/doc.h"

#include "tools/cmd.h"
#include "tools/human.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { REPLACEMENT_BYTES = 3 };

json_t *doc_utf8(const void *bytes, size_t len_bytes)
{
	return json_stringn(bytes == NULL ? "" : bytes, len_bytes);
}

/* One U+FFFD for each byte that isn't ASCII: ugly, but never wrong. */
static json_t *text_replaced(const char *text)
{
	size_t len = 0;
	char *copy = malloc(strlen(text) * REPLACEMENT_BYTES + 1);
	json_t *string;

	if (copy == NULL)
		return NULL;
	for (; *text != '\0'; text++) {
		if ((unsigned char)*text < 0x80) {
			copy[len++] = *text;
			continue;
		}
		memcpy(copy + len, "\xef\xbf\xbd", REPLACEMENT_BYTES);
		len += REPLACEMENT_BYTES;
	}
	string = json_stringn(copy, len);
	free(copy);
	return string;
}

json_t *doc_text(const char *text)
{
	json_t *string = json_string(text);

	return string != NULL ? string : text_replaced(text);
}

/* Four characters of base64 for the next one to three bytes. */
static void encode_group(char out[4], const uint8_t *in, size_t len_bytes)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz"
				     "0123456789+/";
	uint32_t bits = (uint32_t)in[0] << 16;

	if (len_bytes > 1)
		bits |= (uint32_t)in[1] << 8;
	if (len_bytes > 2)
		bits |= in[2];
	out[0] = digits[bits >> 18];
	out[1] = digits[(bits >> 12) & 63];
	out[2] = len_bytes > 1 ? digits[(bits >> 6) & 63] : '=';
	out[3] = len_bytes > 2 ? digits[bits & 63] : '=';
}

json_t *doc_base64(const void *bytes, size_t len_bytes)
{
	const uint8_t *in = bytes;
	size_t out_bytes = (len_bytes + 2) / 3 * 4;
	char *out = malloc(out_bytes + 1);
	json_t *string;

	if (out == NULL)
		return NULL;
	for (size_t i = 0; i < out_bytes / 4; i++)
		encode_group(out + i * 4, in + i * 3, len_bytes - i * 3);
	string = json_stringn(out, out_bytes);
	free(out);
	return string;
}

void doc_set_bytes(json_t *object, const char *name, const void *bytes,
		   size_t len_bytes)
{
	char other[64];
	json_t *text = doc_utf8(bytes, len_bytes);

	if (text != NULL) {
		json_object_set_new(object, name, text);
		return;
	}
	snprintf(other, sizeof(other), "%s_base64", name);
	json_object_set_new(object, other, doc_base64(bytes, len_bytes));
}

json_t *doc_uuid(const uint8_t id[16])
{
	char buf[HUMAN_BYTES];

	return json_string(human_uuid(buf, id));
}

void doc_set_time(json_t *object, const char *name, uint64_t ns)
{
	char buf[HUMAN_BYTES], name_ns[64];

	snprintf(name_ns, sizeof(name_ns), "%s_ns", name);
	json_object_set_new(object, name_ns,
			    ns == 0 ? json_null()
				    : json_integer((json_int_t)ns));
	json_object_set_new(object, name,
			    ns == 0 ? json_null()
				    : json_string(human_time(buf, ns)));
}

json_t *doc_hex(uint64_t value)
{
	char buf[32];

	snprintf(buf, sizeof(buf), "0x%016" PRIx64, value);
	return json_string(buf);
}

static int print(json_t *doc, size_t flags)
{
	if (doc == NULL) {
		fputs("ringctl: cannot print JSON: out of memory\n", stderr);
		return EXIT_ERROR;
	}
	/* A failure leaves its mark on stdout. */
	(void)json_dumpf(doc, stdout, flags);
	putchar('\n');
	json_decref(doc);
	return EXIT_OK;
}

int doc_print(json_t *doc)
{
	return print(doc, JSON_INDENT(2));
}

int doc_print_line(json_t *doc)
{
	return print(doc, JSON_COMPACT);
}
