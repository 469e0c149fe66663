#ifndef TOOLS_HUMAN_H
#define TOOLS_HUMAN_H

#include <stdint.h>

/* Numbers for people. Each returns `buf`. */
enum { HUMAN_BYTES = 40 };

/* "512 B", "1.5 MiB" */
const char *human_size(char buf[HUMAN_BYTES], uint64_t bytes);

/* "850 ms", "3.2 s", "5.0 min", "2.0 h", "4.1 days" */
const char *human_duration(char buf[HUMAN_BYTES], uint64_t ns);

/* The age at `now_ns` of what is of `then_ns`; "0 ms" if that is later. */
const char *human_age(char buf[HUMAN_BYTES], uint64_t then_ns, uint64_t now_ns);

/* UTC in ISO 8601 with nanoseconds; "never" for 0. */
const char *human_time(char buf[HUMAN_BYTES], uint64_t ns);

/* 128 bits as a UUID. */
const char *human_uuid(char buf[HUMAN_BYTES], const uint8_t id[16]);

/* The wall clock, ns since 1970. */
uint64_t human_now_ns(void);

#endif
