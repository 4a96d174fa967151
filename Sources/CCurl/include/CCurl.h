// libcurl, loaded where it is first used: it brings some 25 other libraries, which no command should
// pay for that makes no request. Swift cannot call its variadic functions, nor see that CURLMsg's data is
// a union, so there is one function here for each type of argument.
#pragma once

#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>
#include <stdbool.h>

/// Loads libcurl and initialises it; null when that is done, else why it is not, which stays valid. To be
/// called by one thread, once, and to have succeeded before anything else here is called.
const char *_Nullable omc_curl_load(void);
/// The version of the library that was loaded, as `7.88.1`.
const char *_Nonnull omc_curl_version(void);
/// Whether that library speaks HTTP/2.
bool omc_curl_has_http2(void);

CURL *_Nullable omc_easy_init(void);
void omc_easy_cleanup(CURL *_Nonnull easy);
const char *_Nonnull omc_easy_error(CURLcode code);
CURLcode omc_easy_set_long(CURL *_Nonnull easy, CURLoption option, long value);
CURLcode omc_easy_set_size(CURL *_Nonnull easy, CURLoption option, curl_off_t value);
/// The text is copied.
CURLcode omc_easy_set_text(CURL *_Nonnull easy, CURLoption option, const char *_Nullable text);
CURLcode omc_easy_set_pointer(CURL *_Nonnull easy, CURLoption option, void *_Nullable pointer);
/// The bytes are not copied: they must outlive the handle.
CURLcode omc_easy_set_blob(
    CURL *_Nonnull easy, CURLoption option, const void *_Nonnull bytes, size_t count);
/// For CURLOPT_WRITEFUNCTION and CURLOPT_HEADERFUNCTION.
CURLcode omc_easy_set_sink(
    CURL *_Nonnull easy, CURLoption option, curl_write_callback _Nonnull function,
    void *_Nonnull context);
/// For CURLOPT_READFUNCTION and CURLOPT_SEEKFUNCTION.
CURLcode omc_easy_set_source(
    CURL *_Nonnull easy, curl_read_callback _Nonnull read, curl_seek_callback _Nonnull seek,
    void *_Nonnull context);
/// Probes an idle connection after `idle` seconds, and gives a connection up on which sent bytes were not
/// acknowledged for `silence` milliseconds (TCP_USER_TIMEOUT; 0: the system's own limit).
CURLcode omc_easy_keep_alive(CURL *_Nonnull easy, long idle, long interval, long silence);
long omc_easy_long(CURL *_Nonnull easy, CURLINFO info);
curl_off_t omc_easy_size(CURL *_Nonnull easy, CURLINFO info);
/// How many certificates the server has shown, with CURLOPT_CERTINFO.
int omc_easy_certificate_count(CURL *_Nonnull easy);
/// One of them as `name:value` texts, which live as long as the handle.
const struct curl_slist *_Nullable omc_easy_certificate(CURL *_Nonnull easy, int index);
curl_socket_t omc_easy_socket(CURL *_Nonnull easy);
CURLcode omc_easy_send(
    CURL *_Nonnull easy, const void *_Nonnull bytes, size_t count, size_t *_Nonnull sent);
CURLcode omc_easy_receive(
    CURL *_Nonnull easy, void *_Nonnull buffer, size_t count, size_t *_Nonnull received);

/// The list with one more text, which is copied; null when there is no memory, the old list still whole.
struct curl_slist *_Nullable omc_list_append(
    struct curl_slist *_Nullable list, const char *_Nonnull text);
void omc_list_free(struct curl_slist *_Nullable list);

CURLM *_Nullable omc_multi_init(void);
void omc_multi_cleanup(CURLM *_Nonnull multi);
const char *_Nonnull omc_multi_error(CURLMcode code);
CURLMcode omc_multi_set_long(CURLM *_Nonnull multi, CURLMoption option, long value);
CURLMcode omc_multi_add(CURLM *_Nonnull multi, CURL *_Nonnull easy);
CURLMcode omc_multi_remove(CURLM *_Nonnull multi, CURL *_Nonnull easy);
/// `running` is the number of transfers that are not done.
CURLMcode omc_multi_perform(CURLM *_Nonnull multi, int *_Nonnull running);
/// Waits for a transfer's socket, for `descriptor` to be readable, for a wake-up or for the time to pass.
CURLMcode omc_multi_poll(CURLM *_Nonnull multi, int descriptor, int milliseconds);
CURLMcode omc_multi_wake(CURLM *_Nonnull multi);
/// One transfer that is done and how it ended; null when there is none.
CURL *_Nullable omc_multi_done(CURLM *_Nonnull multi, CURLcode *_Nonnull result);
