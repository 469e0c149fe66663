#include "tools/picture.h"

#include <string.h>

char picture_mark(unsigned i)
{
	static const char marks[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOQRSTUVWXYZ0123456789@";

	return i < sizeof(marks) - 1 ? marks[i] : '?';
}

/* The cell that shows a position: FORMAT.md 4.1. */
static size_t cell_of(const struct ring_info *info, size_t width, uint64_t pos)
{
	double part =
		(double)(pos % info->data_bytes) / (double)info->data_bytes;
	size_t cell = (size_t)(part * (double)width);

	return cell < width ? cell : width - 1;
}

/* Fill the cells of [from, to), the last one too if it is begun. */
static void fill(const struct ring_info *info, char *bar, char what,
		 const uint64_t range[2])
{
	size_t width = strlen(bar);
	size_t cell, last;

	if (range[1] <= range[0])
		return;
	cell = cell_of(info, width, range[0]);
	last = cell_of(info, width, range[1] - 1);
	/* A whole lap ends in the cell where it began. */
	if (range[1] - range[0] > info->data_bytes / 2 && cell == last) {
		memset(bar, what, width);
		return;
	}
	for (; cell != last; cell = (cell + 1) % width)
		bar[cell] = what;
	bar[cell] = what;
}

static uint64_t slowest(const struct ring_info *info)
{
	uint64_t position = info->exposed;

	for (unsigned i = 0; i < info->cursor_count; i++)
		if (info->cursors[i].joined &&
		    info->cursors[i].position < position)
			position = info->cursors[i].position;
	return position;
}

static void mark(char *marks, size_t cell, char what)
{
	marks[cell] = marks[cell] == ' ' ? what : '*';
}

void picture_draw(const struct ring_info *info, size_t width, char *ret_bar,
		  char *ret_marks)
{
	uint64_t slow = slowest(info);

	memset(ret_bar, PICTURE_FREE, width);
	memset(ret_marks, ' ', width);
	ret_bar[width] = '\0';
	ret_marks[width] = '\0';
	if (info->data_bytes == 0 || width == 0)
		return;
	/* What matters most is drawn last. */
	fill(info, ret_bar, PICTURE_CONSUMED,
	     (const uint64_t[]){ info->tail, slow });
	fill(info, ret_bar, PICTURE_PUSHED,
	     (const uint64_t[]){ info->exposed, info->end });
	fill(info, ret_bar, PICTURE_BACKLOG,
	     (const uint64_t[]){ slow, info->exposed });
	mark(ret_marks, cell_of(info, width, info->end), 'P');
	for (unsigned i = 0; i < info->cursor_count; i++)
		mark(ret_marks, cell_of(info, width, info->cursors[i].position),
		     picture_mark(i));
}
