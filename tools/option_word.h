#ifndef TOOLS_OPTION_WORD_H
#define TOOLS_OPTION_WORD_H

/* Which of `count` words a text is, exactly; -1: none of them. */
int option_word(const char *text, const char *const *words, unsigned count);

#endif
