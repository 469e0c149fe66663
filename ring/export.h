#ifndef RING_EXPORT_H
#define RING_EXPORT_H

/* Before the definition of a public function; all else stays hidden. */
#define RING_EXPORT __attribute__((visibility("default")))

#endif
