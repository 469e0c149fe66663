#include "generator/puts.h"

gen_put_fn *const gen_puts[GEN_PUT_COUNT + 1] = { NULL };
