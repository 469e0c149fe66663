#include "tools/names.h"

#include <stdlib.h>
#include <string.h>

void names_release(struct name_list *list)
{
	free(list->text);
	*list = (struct name_list){ .count = 0 };
}

const char *names_option(const char *text, void *ret)
{
	struct name_list *list = ret;
	char *rest, *name;

	names_release(list);
	list->text = strdup(text);
	if (list->text == NULL)
		return "out of memory";
	rest = list->text;
	while ((name = strsep(&rest, ",")) != NULL) {
		if (list->count == RING_CURSORS_MAX)
			return "too many names";
		list->names[list->count++] = name;
	}
	return NULL;
}
