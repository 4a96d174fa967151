// The functions of OpenLDAP that libpq calls: connection settings that a service file keeps in a
// directory. Argument types are those of its manual, pointers to opaque data written as `void *`.
#include "COnDemand.h"

#include <stddef.h>

static struct on_demand_library ldap = {"libldap-2.5.so.0", NULL};

// One function that calls the library's. Without the library ldap_init gives no session, and libpq
// reports that; the others are never reached then.
#define LDAP(type, name, parameters, arguments, missing)            \
  type name parameters {                                            \
    type(*function) parameters = NULL;                              \
    *(void **)&function = on_demand_function(&ldap, #name);         \
    return function != NULL ? function arguments : missing;         \
  }

#define LDAP_LOCAL_ERROR (-2)

LDAP(void *, ldap_init, (const char *host, int port), (host, port), NULL)
LDAP(int, ldap_set_option, (void *session, int option, const void *value), (session, option, value),
     LDAP_LOCAL_ERROR)
LDAP(int, ldap_simple_bind, (void *session, const char *who, const char *password),
     (session, who, password), LDAP_LOCAL_ERROR)
LDAP(int, ldap_result, (void *session, int id, int all, void *timeout, void **result),
     (session, id, all, timeout, result), LDAP_LOCAL_ERROR)
LDAP(int, ldap_search_st,
     (void *session, const char *base, int scope, const char *filter, char **attributes,
      int attributes_only, void *timeout, void **result),
     (session, base, scope, filter, attributes, attributes_only, timeout, result), LDAP_LOCAL_ERROR)
LDAP(int, ldap_count_entries, (void *session, void *result), (session, result), 0)
LDAP(void *, ldap_first_entry, (void *session, void *result), (session, result), NULL)
LDAP(void **, ldap_get_values_len, (void *session, void *entry, const char *attribute),
     (session, entry, attribute), NULL)
LDAP(int, ldap_msgfree, (void *result), (result), 0)
LDAP(int, ldap_unbind, (void *session), (session), 0)
LDAP(char *, ldap_err2string, (int code), (code), (char *)"LDAP (libldap-2.5.so.0) is not installed")

void ldap_value_free_len(void **values) {
  void (*function)(void **);
  *(void **)&function = on_demand_function(&ldap, "ldap_value_free_len");
  if (function != NULL) function(values);
}
