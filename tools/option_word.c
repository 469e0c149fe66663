#include "tools/option_word.h"

#include <string.h>

int option_word(const char *text, const char *const *words, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		if (strcmp(text, words[i]) == 0)
			return (int)i;
	return -1;
}
