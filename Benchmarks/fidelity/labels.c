/* A provider of security labels that takes any label on any object, under two names. */
#include "postgres.h"

#include "commands/seclabel.h"
#include "fmgr.h"

PG_MODULE_MAGIC;

void _PG_init(void);

static void take(const ObjectAddress *object, const char *label) {}

void _PG_init(void) {
  register_label_provider("anybody", take);
  register_label_provider("odd Provider", take);
}
