#pragma once
// libedit's own interface is made of variadic functions, which Swift cannot call; this one is not.
#include <stdio.h>
#include <editline/readline.h>

// libedit keeps its settings in globals, which Swift does not let more than one thread touch. This
// sets them, once, before the first line is read: keys come from the given function, and signals
// stay the program's own.
static inline void omc_edit_configure(int (*next_character)(FILE *)) {
  rl_catch_signals = 0;
  rl_getc_function = next_character;
}
