#include "tools/human.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

static const uint64_t ns_per_second = 1000000000;

const char *human_size(char buf[HUMAN_BYTES], uint64_t bytes)
{
	static const char *const units[] = { "KiB", "MiB", "GiB",
					     "TiB", "PiB", "EiB" };
	double value = (double)bytes / 1024;
	unsigned unit = 0;

	if (bytes < 1024) {
		snprintf(buf, HUMAN_BYTES, "%" PRIu64 " B", bytes);
		return buf;
	}
	while (value >= 1024) {
		value /= 1024;
		unit++;
	}
	snprintf(buf, HUMAN_BYTES, "%.1f %s", value, units[unit]);
	return buf;
}

const char *human_duration(char buf[HUMAN_BYTES], uint64_t ns)
{
	double seconds = (double)ns / (double)ns_per_second;

	if (seconds < 1)
		snprintf(buf, HUMAN_BYTES, "%.0f ms", seconds * 1000);
	else if (seconds < 120)
		snprintf(buf, HUMAN_BYTES, "%.1f s", seconds);
	else if (seconds < 7200)
		snprintf(buf, HUMAN_BYTES, "%.1f min", seconds / 60);
	else if (seconds < 172800)
		snprintf(buf, HUMAN_BYTES, "%.1f h", seconds / 3600);
	else
		snprintf(buf, HUMAN_BYTES, "%.1f days", seconds / 86400);
	return buf;
}

const char *human_age(char buf[HUMAN_BYTES], uint64_t then_ns, uint64_t now_ns)
{
	return human_duration(buf, now_ns > then_ns ? now_ns - then_ns : 0);
}

const char *human_time(char buf[HUMAN_BYTES], uint64_t ns)
{
	time_t seconds = (time_t)(ns / ns_per_second);
	struct tm tm;
	size_t len;

	if (ns == 0 || gmtime_r(&seconds, &tm) == NULL) {
		snprintf(buf, HUMAN_BYTES, "never");
		return buf;
	}
	len = strftime(buf, HUMAN_BYTES, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(buf + len, HUMAN_BYTES - len, ".%09" PRIu64 "Z",
		 ns % ns_per_second);
	return buf;
}

const char *human_uuid(char buf[HUMAN_BYTES], const uint8_t id[16])
{
	size_t len = 0;

	for (unsigned i = 0; i < 16; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			buf[len++] = '-';
		len += (size_t)snprintf(buf + len, HUMAN_BYTES - len, "%02x",
					id[i]);
	}
	return buf;
}

uint64_t human_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * ns_per_second + (uint64_t)now.tv_nsec;
}
