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
};
