// The functions of RFC 2744 (GSS-API, C bindings) that libpq calls: authentication and encryption by
// Kerberos. Argument types are those of the RFC, pointers to opaque data written as `void *`.
#include "COnDemand.h"

#include <glob.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef uint32_t OM_uint32;
struct gss_OID_desc {
  OM_uint32 length;
  const void *elements;
};
struct gss_buffer_desc {
  size_t length;
  void *value;
};

// A routine error (RFC 2744, 3.9.1): an unspecified failure, explained by gss_display_status.
#define GSS_S_FAILURE ((OM_uint32)13 << 16)

static struct on_demand_library gssapi = {"libgssapi_krb5.so.2", NULL};

// {iso(1) member-body(2) US(840) mit(113554) infosys(1) gssapi(2) generic(1) service_name(4)}:
// RFC 2744, appendix A.
static struct gss_OID_desc hostbased_service = {10, "\x2a\x86\x48\x86\xf7\x12\x01\x02\x01\x04"};
struct gss_OID_desc *GSS_C_NT_HOSTBASED_SERVICE = &hostbased_service;

// One function that calls the library's, and fails with GSS_S_FAILURE where there is none.
#define GSS(name, parameters, arguments)                            \
  OM_uint32 name parameters {                                       \
    OM_uint32(*function) parameters = NULL;                         \
    *(void **)&function = on_demand_function(&gssapi, #name);       \
    if (function != NULL) return function arguments;                \
    *minor = 0;                                                     \
    return GSS_S_FAILURE;                                           \
  }

static bool is_there(const char *path) { return access(path, F_OK) == 0; }

// Whether the library could find credentials: a variable or a file says where, or they are where it
// looks without being told. libpq asks for them at every connection over TCP.
static bool may_have_credentials(void) {
  static const char *const variables[] = {
      "KRB5CCNAME", "KRB5_CONFIG", "KRB5_CLIENT_KTNAME", "GSS_USE_PROXY", "GSS_MECH_CONFIG"};
  for (size_t i = 0; i < sizeof variables / sizeof *variables; i++) {
    if (getenv(variables[i]) != NULL) return true;
  }
  char cache[64];
  snprintf(cache, sizeof cache, "/tmp/krb5cc_%lu", (unsigned long)getuid());
  if (is_there("/etc/krb5.conf") || is_there("/etc/krb5/user") || is_there(cache)) return true;
  glob_t mechanisms;
  bool others = glob("/etc/gss/mech.d/*.conf", 0, NULL, &mechanisms) == 0;
  if (others) globfree(&mechanisms);
  return others || is_there("/etc/gss/mech");
}

OM_uint32 gss_acquire_cred(
    OM_uint32 *minor, void *name, OM_uint32 time, void *mechanisms, int usage, void **credential,
    void **actual, OM_uint32 *remaining) {
  OM_uint32 (*function)(
      OM_uint32 *, void *, OM_uint32, void *, int, void **, void **, OM_uint32 *) = NULL;
  if (may_have_credentials()) {
    *(void **)&function = on_demand_function(&gssapi, "gss_acquire_cred");
  }
  if (function == NULL) {
    *minor = 0;
    return GSS_S_FAILURE;
  }
  return function(minor, name, time, mechanisms, usage, credential, actual, remaining);
}
GSS(gss_release_cred, (OM_uint32 * minor, void **credential), (minor, credential))
GSS(gss_import_name, (OM_uint32 * minor, struct gss_buffer_desc *text, void *type, void **name),
    (minor, text, type, name))
GSS(gss_release_name, (OM_uint32 * minor, void **name), (minor, name))
GSS(gss_init_sec_context,
    (OM_uint32 * minor, void *credential, void **context, void *target, void *mechanism,
     OM_uint32 flags, OM_uint32 time, void *bindings, struct gss_buffer_desc *input, void **actual,
     struct gss_buffer_desc *output, OM_uint32 *actual_flags, OM_uint32 *remaining),
    (minor, credential, context, target, mechanism, flags, time, bindings, input, actual, output,
     actual_flags, remaining))
GSS(gss_delete_sec_context,
    (OM_uint32 * minor, void **context, struct gss_buffer_desc *token), (minor, context, token))
GSS(gss_wrap,
    (OM_uint32 * minor, void *context, int confidential, OM_uint32 quality,
     struct gss_buffer_desc *input, int *state, struct gss_buffer_desc *output),
    (minor, context, confidential, quality, input, state, output))
GSS(gss_unwrap,
    (OM_uint32 * minor, void *context, struct gss_buffer_desc *input,
     struct gss_buffer_desc *output, int *state, OM_uint32 *quality),
    (minor, context, input, output, state, quality))
GSS(gss_wrap_size_limit,
    (OM_uint32 * minor, void *context, int confidential, OM_uint32 quality, OM_uint32 output,
     OM_uint32 *largest),
    (minor, context, confidential, quality, output, largest))
GSS(gss_release_buffer, (OM_uint32 * minor, struct gss_buffer_desc *buffer), (minor, buffer))

// Where the library is missing, libpq's message says so.
OM_uint32 gss_display_status(
    OM_uint32 *minor, OM_uint32 status, int type, void *mechanism, OM_uint32 *more,
    struct gss_buffer_desc *text) {
  OM_uint32 (*function)(OM_uint32 *, OM_uint32, int, void *, OM_uint32 *, struct gss_buffer_desc *);
  *(void **)&function = on_demand_function(&gssapi, "gss_display_status");
  if (function != NULL) return function(minor, status, type, mechanism, more, text);
  static char reason[] = "Kerberos (libgssapi_krb5.so.2) is not installed";
  *minor = 0;
  *more = 0;
  text->length = strlen(reason);
  text->value = reason;
  return 0;
}
