#ifndef TESTS_SWEEP_RING_TEXT_H
#define TESTS_SWEEP_RING_TEXT_H

#include "tests/lib/ring_fixture.h"

/*
 * What a ring holds, as a text that two rings have in common if and only if
 * users can't tell them apart: who is asked to suspend, each consumer with the
 * items it is still to be given, and what is pushed and not yet exposed, e.g.
 *
 *	suspended by operator; a: d e | g h; b: | g h;
 *
 * or "no file", "no ring". To find out, the ring is checked, attached to by a
 * producer and all consumers, exposed, read out and used once more; whatever
 * is wrong then, damage first of all, fails the test. It is left changed.
 */
enum { RING_TEXT_BYTES = 16384 };

void ring_text(struct fixture *f, enum ring_io_mode mode,
	       char ret_text[RING_TEXT_BYTES]);

#endif
