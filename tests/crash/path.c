#include "tests/crash/path.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const names[STEP_KINDS] = {
	[STEP_PROCESS] = "process",   [STEP_POWER] = "power",
	[STEP_UNPLUG] = "unplug",     [STEP_LOOK] = "look",
	[STEP_GHOST] = "ghost",       [STEP_PRODUCER] = "producer",
	[STEP_CONSUMER] = "consumer", [STEP_ZOMBIE] = "zombie",
	[STEP_WAKE] = "wake",
};

static size_t step_text(const struct step *s, char separator, char *buf,
			size_t len)
{
	char point[16], how[24] = "";

	snprintf(point, sizeof(point), "%u", s->point);
	if (s->point == POINT_RECOVERED)
		strcpy(point, "r");
	if (s->how != 0)
		snprintf(how, sizeof(how), "=%c%u", s->how, s->n);
	return (size_t)snprintf(buf, len, "%s%c%s%s", point, separator,
				names[s->kind], how);
}

void path_text(const struct path *p, char *buf, size_t len)
{
	size_t at = 0;

	buf[0] = '\0';
	for (unsigned i = 0; i < p->count && at < len; i++) {
		if (i > 0)
			at += (size_t)snprintf(buf + at, len - at, "/");
		if (at < len)
			at += step_text(&p->steps[i], i == 0 ? ':' : '.',
					buf + at, len - at);
	}
}

static bool parse_kind(const char **text, struct step *ret)
{
	for (unsigned k = 0; k < STEP_KINDS; k++) {
		const size_t len = strlen(names[k]);

		if (strncmp(*text, names[k], len) != 0)
			continue;
		ret->kind = (enum step_kind)k;
		*text += len;
		return true;
	}
	return false;
}

static bool parse_step(const char **text, char separator, struct step *ret)
{
	char *end;

	*ret = (struct step){ .point = POINT_RECOVERED };
	if (**text == 'r') {
		++*text;
	} else {
		ret->point = (unsigned)strtoul(*text, &end, 10);
		if (end == *text)
			return false;
		*text = end;
	}
	if (*(*text)++ != separator || !parse_kind(text, ret))
		return false;
	if (**text != '=')
		return true;
	ret->how = (*text)[1];
	if (ret->how == '\0')
		return false;
	ret->n = (unsigned)strtoul(*text + 2, &end, 10);
	*text = end;
	return true;
}

bool path_parse(const char *text, struct path *ret)
{
	*ret = (struct path){ 0 };
	while (ret->count < PATH_STEPS) {
		if (!parse_step(&text, ret->count == 0 ? ':' : '.',
				&ret->steps[ret->count]))
			return false;
		ret->count++;
		if (*text == '\0')
			return true;
		if (*text++ != '/')
			return false;
	}
	return false;
}
