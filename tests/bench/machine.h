#ifndef BENCH_MACHINE_H
#define BENCH_MACHINE_H

#include <stdio.h>

/* Print what was measured on: machine, file system of `dir`, libraries. */
void machine_print(const char *dir, FILE *out);

#endif
