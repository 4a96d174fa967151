#include "COnDemand.h"

#include <dlfcn.h>
#include <stdatomic.h>
#include <stddef.h>

void *on_demand_function(struct on_demand_library *library, const char *name) {
  void *handle = atomic_load(&library->handle);
  if (handle == NULL) {
    // Two threads may both come here: the loader counts, and gives both the same handle.
    handle = dlopen(library->name, RTLD_LAZY | RTLD_LOCAL);
    if (handle == NULL) return NULL;
    atomic_store(&library->handle, handle);
  }
  return dlsym(handle, name);
}
