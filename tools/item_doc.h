#ifndef TOOLS_ITEM_DOC_H
#define TOOLS_ITEM_DOC_H

#include "ring/ring.h"

struct output;

/* Append an item as one line of JSON. 0, or -ENOMEM. */
int item_doc_write(struct output *out, const struct ring_item *item);

/* The same for items that are lost: {"lost": {...}}. */
int loss_doc_write(struct output *out, const struct ring_loss *loss);

#endif
