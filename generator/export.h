#ifndef GENERATOR_EXPORT_H
#define GENERATOR_EXPORT_H

/* Before the definition of a public function; all else stays hidden. */
#define GEN_EXPORT __attribute__((visibility("default")))

#endif
