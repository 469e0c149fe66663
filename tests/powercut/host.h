#ifndef TESTS_POWERCUT_HOST_H
#define TESTS_POWERCUT_HOST_H

#include "ring/ring_system.h"

/*
 * The operating system, with another name of the host or of its boot, so that
 * one machine can be two, or look restarted. Number 0 keeps what is there.
 */
struct host {
	uint8_t number;
	uint64_t boot;
	struct ring_system system; /* hand this to the ring */
};

/* *h must stay where it is while it is used. */
void host_init(struct host *h, uint8_t number, uint64_t boot);

#endif
