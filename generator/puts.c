#include "generator/puts.h"

/* Each of the b chars of the text in a word, zeros where it is shorter. */
static uint8_t *put_char_words(uint8_t *p, const struct gen_value *value,
			       uint64_t b, uint64_t c)
{
	(void)c;
	for (uint64_t i = 0; i < b; i++) {
		const uint8_t byte = i < value->text_bytes ? value->text[i] : 0;
		const uint8_t word[4] = { byte };

		memcpy(p, word, sizeof(word));
		p += sizeof(word);
	}
	return p;
}

/* A float of 32 bits as one of 64. */
static uint8_t *put_wider_float(uint8_t *p, const struct gen_value *value,
				uint64_t b, uint64_t c)
{
	const uint32_t bits = (uint32_t)value->v;
	float x;

	(void)b;
	(void)c;
	memcpy(&x, &bits, sizeof(x));
	m_store(p, m_double_bits((double)x));
	return p + 8;
}

gen_put_fn *const gen_puts[GEN_PUT_COUNT] = {
	[GEN_PUT_CHAR_WORDS] = put_char_words,
	[GEN_PUT_WIDER_FLOAT] = put_wider_float,
	[GEN_PUT_WIDE] = gen_put_wide,
	[GEN_PUT_POINT] = gen_put_point,
	[GEN_PUT_DATE] = gen_put_date,
	[GEN_PUT_UUID] = gen_put_uuid,
	[GEN_PUT_IPV4] = gen_put_ipv4,
	[GEN_PUT_IPV6] = gen_put_ipv6,
	[GEN_PUT_FLOAT] = gen_put_float,
	[GEN_PUT_JSON_FLOAT] = gen_put_json_float,
	[GEN_PUT_HEX_FLOAT] = gen_put_hex_float,
	[GEN_PUT_S_TEXT] = gen_put_s_text,
	[GEN_PUT_JSON_TEXT] = gen_put_json_text,
	[GEN_PUT_CSV_TEXT] = gen_put_csv_text,
	[GEN_PUT_CSV_QUOTED] = gen_put_csv_quoted,
	[GEN_PUT_LIST_TEXT] = gen_put_list_text,
};
