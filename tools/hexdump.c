#include "tools/hexdump.h"

#include <stdio.h>

enum { PER_LINE = 16 };

static void print_row(const uint8_t *bytes, size_t count)
{
	for (size_t i = 0; i < PER_LINE; i++) {
		if (i < count)
			printf(" %02x", bytes[i]);
		else
			printf("   ");
	}
	printf("  |");
	for (size_t i = 0; i < count; i++)
		putchar(bytes[i] >= ' ' && bytes[i] <= '~' ? bytes[i] : '.');
	puts("|");
}

void hexdump(const uint8_t *bytes, size_t len_bytes)
{
	for (size_t at = 0; at < len_bytes; at += PER_LINE) {
		size_t left = len_bytes - at;

		printf("    %08zx ", at);
		print_row(bytes + at, left < PER_LINE ? left : PER_LINE);
	}
}
