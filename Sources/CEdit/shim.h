#pragma once
// libedit's own interface is made of variadic functions, which Swift cannot call; this one is not.
#include <editline/readline.h>
