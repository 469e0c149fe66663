#ifndef TOOLS_OPTION_RING_H
#define TOOLS_OPTION_RING_H

/*
 * Readers of options that say how a ring is opened; see option_line.h. Behind
 * `ret` is an enum ring_io_engine, ring_io_mode, or ring_durability.
 */
const char *option_read_engine(const char *text, void *ret);
const char *option_read_mode(const char *text, void *ret);
const char *option_read_durability(const char *text, void *ret);

#endif
