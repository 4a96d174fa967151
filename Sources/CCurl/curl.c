#include "CCurl.h"

#include <COnDemand.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <sys/socket.h>

#define FUNCTIONS(F)                                                                              \
  F(curl_global_init) F(curl_version_info)                                                        \
  F(curl_easy_init) F(curl_easy_cleanup) F(curl_easy_strerror) F(curl_easy_setopt)                \
  F(curl_easy_getinfo) F(curl_easy_send) F(curl_easy_recv)                      \
  F(curl_slist_append) F(curl_slist_free_all)                                                     \
  F(curl_multi_init) F(curl_multi_cleanup) F(curl_multi_strerror) F(curl_multi_setopt)            \
  F(curl_multi_add_handle) F(curl_multi_remove_handle) F(curl_multi_perform) F(curl_multi_poll)   \
  F(curl_multi_wakeup) F(curl_multi_info_read)

static struct on_demand_library libcurl = {"libcurl.so.4", NULL};

// The library's functions by their own names; filled once, before any of them is called.
static struct {
#define MEMBER(name) __typeof__(name) *name##_;
  FUNCTIONS(MEMBER)
} call;

static const char *loader_says(const char *name) {
  static char reason[512];
  const char *error = dlerror();
  if (error != NULL) {
    snprintf(reason, sizeof reason, "%s", error);
  } else {
    snprintf(reason, sizeof reason, "%s has no %s", libcurl.name, name);
  }
  return reason;
}

const char *omc_curl_load(void) {
#define FIND(name)                                                         \
  *(void **)&call.name##_ = on_demand_function(&libcurl, #name);           \
  if (call.name##_ == NULL) return loader_says(#name);
  FUNCTIONS(FIND)
  on_demand_keep_openssl();
  CURLcode code = call.curl_global_init_(CURL_GLOBAL_DEFAULT);
  return code == CURLE_OK ? NULL : call.curl_easy_strerror_(code);
}

const char *omc_curl_version(void) { return call.curl_version_info_(CURLVERSION_NOW)->version; }

bool omc_curl_has_http2(void) {
  return call.curl_version_info_(CURLVERSION_NOW)->features & CURL_VERSION_HTTP2;
}

CURL *omc_easy_init(void) { return call.curl_easy_init_(); }
void omc_easy_cleanup(CURL *easy) { call.curl_easy_cleanup_(easy); }
const char *omc_easy_error(CURLcode code) { return call.curl_easy_strerror_(code); }

CURLcode omc_easy_set_long(CURL *easy, CURLoption option, long value) {
  return call.curl_easy_setopt_(easy, option, value);
}

CURLcode omc_easy_set_size(CURL *easy, CURLoption option, curl_off_t value) {
  return call.curl_easy_setopt_(easy, option, value);
}

CURLcode omc_easy_set_text(CURL *easy, CURLoption option, const char *text) {
  return call.curl_easy_setopt_(easy, option, text);
}

CURLcode omc_easy_set_pointer(CURL *easy, CURLoption option, void *pointer) {
  return call.curl_easy_setopt_(easy, option, pointer);
}

CURLcode omc_easy_set_blob(CURL *easy, CURLoption option, const void *bytes, size_t count) {
  struct curl_blob blob = {(void *)bytes, count, CURL_BLOB_NOCOPY};
  return call.curl_easy_setopt_(easy, option, &blob);
}

CURLcode omc_easy_set_sink(
    CURL *easy, CURLoption option, curl_write_callback function, void *context) {
  CURLoption data = option == CURLOPT_HEADERFUNCTION ? CURLOPT_HEADERDATA : CURLOPT_WRITEDATA;
  CURLcode code = call.curl_easy_setopt_(easy, option, function);
  return code != CURLE_OK ? code : call.curl_easy_setopt_(easy, data, context);
}

CURLcode omc_easy_set_source(
    CURL *easy, curl_read_callback read, curl_seek_callback seek, void *context) {
  CURLcode code = call.curl_easy_setopt_(easy, CURLOPT_READFUNCTION, read);
  if (code == CURLE_OK) code = call.curl_easy_setopt_(easy, CURLOPT_READDATA, context);
  if (code == CURLE_OK) code = call.curl_easy_setopt_(easy, CURLOPT_SEEKFUNCTION, seek);
  if (code == CURLE_OK) code = call.curl_easy_setopt_(easy, CURLOPT_SEEKDATA, context);
  return code;
}

// Best effort: a socket that is no TCP socket has no such time-out. The context is the time itself. No
// child process is to hold a connection open, which libcurl does not see to.
static int prepare_socket(void *silence, curl_socket_t socket, curlsocktype purpose) {
  unsigned int milliseconds = (unsigned int)(size_t)silence;
  (void)purpose;
  (void)fcntl(socket, F_SETFD, FD_CLOEXEC);
  (void)setsockopt(socket, IPPROTO_TCP, TCP_USER_TIMEOUT, &milliseconds, sizeof milliseconds);
  return CURL_SOCKOPT_OK;
}

CURLcode omc_easy_keep_alive(CURL *easy, long idle, long interval, long silence) {
  curl_sockopt_callback function = prepare_socket;
  CURLcode code = call.curl_easy_setopt_(easy, CURLOPT_TCP_KEEPALIVE, 1L);
  if (code == CURLE_OK) code = call.curl_easy_setopt_(easy, CURLOPT_TCP_KEEPIDLE, idle);
  if (code == CURLE_OK) code = call.curl_easy_setopt_(easy, CURLOPT_TCP_KEEPINTVL, interval);
  if (code == CURLE_OK) code = call.curl_easy_setopt_(easy, CURLOPT_SOCKOPTFUNCTION, function);
  if (code == CURLE_OK) {
    code = call.curl_easy_setopt_(easy, CURLOPT_SOCKOPTDATA, (void *)(size_t)silence);
  }
  return code;
}

long omc_easy_long(CURL *easy, CURLINFO info) {
  long value = 0;
  call.curl_easy_getinfo_(easy, info, &value);
  return value;
}

curl_off_t omc_easy_size(CURL *easy, CURLINFO info) {
  curl_off_t value = 0;
  call.curl_easy_getinfo_(easy, info, &value);
  return value;
}

static const struct curl_certinfo *certificates(CURL *easy) {
  const struct curl_certinfo *info = NULL;
  CURLcode code = call.curl_easy_getinfo_(easy, CURLINFO_CERTINFO, &info);
  return code == CURLE_OK ? info : NULL;
}

int omc_easy_certificate_count(CURL *easy) {
  const struct curl_certinfo *info = certificates(easy);
  return info == NULL ? 0 : info->num_of_certs;
}

const struct curl_slist *omc_easy_certificate(CURL *easy, int index) {
  const struct curl_certinfo *info = certificates(easy);
  return info == NULL || index < 0 || index >= info->num_of_certs ? NULL : info->certinfo[index];
}

curl_socket_t omc_easy_socket(CURL *easy) {
  curl_socket_t value = CURL_SOCKET_BAD;
  call.curl_easy_getinfo_(easy, CURLINFO_ACTIVESOCKET, &value);
  return value;
}

CURLcode omc_easy_send(CURL *easy, const void *bytes, size_t count, size_t *sent) {
  return call.curl_easy_send_(easy, bytes, count, sent);
}

CURLcode omc_easy_receive(CURL *easy, void *buffer, size_t count, size_t *received) {
  return call.curl_easy_recv_(easy, buffer, count, received);
}

struct curl_slist *omc_list_append(struct curl_slist *list, const char *text) {
  return call.curl_slist_append_(list, text);
}

void omc_list_free(struct curl_slist *list) { call.curl_slist_free_all_(list); }

CURLM *omc_multi_init(void) { return call.curl_multi_init_(); }
void omc_multi_cleanup(CURLM *multi) { call.curl_multi_cleanup_(multi); }
const char *omc_multi_error(CURLMcode code) { return call.curl_multi_strerror_(code); }

CURLMcode omc_multi_set_long(CURLM *multi, CURLMoption option, long value) {
  return call.curl_multi_setopt_(multi, option, value);
}

CURLMcode omc_multi_add(CURLM *multi, CURL *easy) {
  return call.curl_multi_add_handle_(multi, easy);
}

CURLMcode omc_multi_remove(CURLM *multi, CURL *easy) {
  return call.curl_multi_remove_handle_(multi, easy);
}

CURLMcode omc_multi_perform(CURLM *multi, int *running) {
  return call.curl_multi_perform_(multi, running);
}

CURLMcode omc_multi_poll(CURLM *multi, int descriptor, int milliseconds) {
  struct curl_waitfd extra = {descriptor, CURL_WAIT_POLLIN, 0};
  return call.curl_multi_poll_(multi, &extra, 1, milliseconds, NULL);
}

CURLMcode omc_multi_wake(CURLM *multi) { return call.curl_multi_wakeup_(multi); }

CURL *omc_multi_done(CURLM *multi, CURLcode *result) {
  int left;
  const CURLMsg *message;
  while ((message = call.curl_multi_info_read_(multi, &left)) != NULL) {
    if (message->msg != CURLMSG_DONE) continue;
    *result = message->data.result;
    return message->easy_handle;
  }
  return NULL;
}
