#include "generator/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

int gen_error_set(struct gen_error *error, const char *format, ...)
{
	va_list args;

	if (error == NULL)
		return -EINVAL;
	error->line = error->column = 0;
	va_start(args, format);
	vsnprintf(error->text, sizeof(error->text), format, args);
	va_end(args);
	return -EINVAL;
}

int gen_error_no_memory(struct gen_error *error)
{
	gen_error_set(error, "out of memory");
	return -ENOMEM;
}
