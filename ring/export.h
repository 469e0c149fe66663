#ifndef RING_EXPORT_H
#define RING_EXPORT_H

/* Before the definition of a public function of the library, be it of the ring,
 * the journal or the generator; all else stays hidden. */
#define RING_EXPORT __attribute__((visibility("default")))

#endif
