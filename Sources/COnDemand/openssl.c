// The functions of OpenSSL that libpq and the digests call: a short command without TLS calls none, and
// loading the two libraries would take longer than all else of its start.
#include "COnDemand.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

// Every function here takes at most six arguments, each an integer or a pointer, and gives one of these
// or nothing. The calling conventions of x86-64 and AArch64 pass them in the same six registers whatever
// their types are, so one shape serves all of them.
typedef uintptr_t word;
typedef word function(word, word, word, word, word, word);

// Neither libpq nor a digest can tell its caller what this means.
static _Noreturn void missing(const struct on_demand_library *library, const char *name) {
  fprintf(
      stderr,
      "omcops: OpenSSL 3 is needed here, and %s with %s cannot be loaded\n"
      "hint: install the Debian package libssl3 or what your system calls it\n",
      library->name, name);
  _exit(1);
}

// OPENSSL_INIT_NO_ATEXIT of openssl/crypto.h.
#define NO_ATEXIT UINT64_C(0x00080000)

static void keep(void) {
  void *library = dlopen("libcrypto.so.3", RTLD_LAZY | RTLD_LOCAL | RTLD_NOLOAD);
  if (library == NULL) return;
  int (*initialize)(uint64_t, const void *) = NULL;
  *(void **)&initialize = dlsym(library, "OPENSSL_init_crypto");
  if (initialize != NULL) initialize(NO_ATEXIT, NULL);
}

void on_demand_keep_openssl(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, keep);
}

static function *find(
    _Atomic(function *) *known, struct on_demand_library *library, const char *name) {
  function *found = NULL;
  *(void **)&found = on_demand_function(library, name);
  if (found == NULL) missing(library, name);
  on_demand_keep_openssl();
  atomic_store_explicit(known, found, memory_order_release);
  return found;
}

// A function that calls the library's.
#define FORWARD(library, name)                                                  \
  word name(word a, word b, word c, word d, word e, word f) {                   \
    static _Atomic(function *) known;                                           \
    function *call = atomic_load_explicit(&known, memory_order_acquire);        \
    if (call == NULL) call = find(&known, &library, #name);                     \
    return call(a, b, c, d, e, f);                                              \
  }

// Seen by this program alone: a shared libpq, where one is linked, has OpenSSL by itself.
#pragma GCC visibility push(hidden)

static struct on_demand_library libssl = {"libssl.so.3", NULL};
#define SSL(name) FORWARD(libssl, name)
SSL(OPENSSL_init_ssl)
SSL(SSL_CIPHER_get_bits)
SSL(SSL_CIPHER_get_name)
SSL(SSL_CTX_ctrl)
SSL(SSL_CTX_free)
SSL(SSL_CTX_get_cert_store)
SSL(SSL_CTX_load_verify_locations)
SSL(SSL_CTX_new)
SSL(SSL_CTX_set_default_passwd_cb)
SSL(SSL_CTX_set_default_passwd_cb_userdata)
SSL(SSL_CTX_set_options)
SSL(SSL_CTX_use_certificate_chain_file)
SSL(SSL_check_private_key)
SSL(SSL_clear_options)
SSL(SSL_connect)
SSL(SSL_ctrl)
SSL(SSL_free)
SSL(SSL_get1_peer_certificate)
SSL(SSL_get_current_cipher)
SSL(SSL_get_current_compression)
SSL(SSL_get_error)
SSL(SSL_get_version)
SSL(SSL_new)
SSL(SSL_pending)
SSL(SSL_read)
SSL(SSL_set_bio)
SSL(SSL_set_ex_data)
SSL(SSL_set_options)
SSL(SSL_set_verify)
SSL(SSL_shutdown)
SSL(SSL_use_PrivateKey)
SSL(SSL_use_PrivateKey_file)
SSL(SSL_write)
SSL(TLS_method)

static struct on_demand_library libcrypto = {"libcrypto.so.3", NULL};
#define CRYPTO(name) FORWARD(libcrypto, name)
CRYPTO(ASN1_STRING_get0_data)
CRYPTO(ASN1_STRING_length)
CRYPTO(BIO_clear_flags)
CRYPTO(BIO_get_ex_data)
CRYPTO(BIO_get_new_index)
CRYPTO(BIO_int_ctrl)
CRYPTO(BIO_meth_free)
CRYPTO(BIO_meth_get_callback_ctrl)
CRYPTO(BIO_meth_get_create)
CRYPTO(BIO_meth_get_ctrl)
CRYPTO(BIO_meth_get_destroy)
CRYPTO(BIO_meth_get_gets)
CRYPTO(BIO_meth_get_puts)
CRYPTO(BIO_meth_new)
CRYPTO(BIO_meth_set_callback_ctrl)
CRYPTO(BIO_meth_set_create)
CRYPTO(BIO_meth_set_ctrl)
CRYPTO(BIO_meth_set_destroy)
CRYPTO(BIO_meth_set_gets)
CRYPTO(BIO_meth_set_puts)
CRYPTO(BIO_meth_set_read)
CRYPTO(BIO_meth_set_write)
CRYPTO(BIO_new)
CRYPTO(BIO_s_socket)
CRYPTO(BIO_set_ex_data)
CRYPTO(BIO_set_flags)
CRYPTO(CRYPTO_memcmp)
CRYPTO(ENGINE_by_id)
CRYPTO(ENGINE_finish)
CRYPTO(ENGINE_free)
CRYPTO(ENGINE_init)
CRYPTO(ENGINE_load_private_key)
CRYPTO(ERR_clear_error)
CRYPTO(ERR_get_error)
CRYPTO(ERR_new)
CRYPTO(ERR_reason_error_string)
CRYPTO(ERR_set_debug)
CRYPTO(ERR_set_error)
CRYPTO(EVP_CIPHER_CTX_free)
CRYPTO(EVP_CIPHER_CTX_new)
CRYPTO(EVP_DecryptFinal_ex)
CRYPTO(EVP_DecryptInit_ex)
CRYPTO(EVP_DecryptUpdate)
CRYPTO(EVP_Digest)
CRYPTO(EVP_DigestFinal_ex)
CRYPTO(EVP_DigestInit_ex)
CRYPTO(EVP_DigestUpdate)
CRYPTO(EVP_MD_CTX_free)
CRYPTO(EVP_MD_CTX_new)
CRYPTO(EVP_MD_get_block_size)
CRYPTO(EVP_MD_get_size)
CRYPTO(EVP_aes_128_cbc)
CRYPTO(EVP_blake2b512)
CRYPTO(EVP_blake2s256)
CRYPTO(EVP_get_digestbyname)
CRYPTO(EVP_md5)
CRYPTO(EVP_sha1)
CRYPTO(EVP_sha224)
CRYPTO(EVP_sha256)
CRYPTO(EVP_sha384)
CRYPTO(EVP_sha3_256)
CRYPTO(EVP_sha3_512)
CRYPTO(EVP_sha512)
CRYPTO(GENERAL_NAME_free)
CRYPTO(HMAC_CTX_free)
CRYPTO(HMAC_CTX_new)
CRYPTO(HMAC_Final)
CRYPTO(HMAC_Init_ex)
CRYPTO(HMAC_Update)
CRYPTO(OBJ_nid2sn)
CRYPTO(OPENSSL_sk_num)
CRYPTO(OPENSSL_sk_pop_free)
CRYPTO(OPENSSL_sk_value)
CRYPTO(RAND_bytes)
CRYPTO(RAND_poll)
CRYPTO(RAND_status)
CRYPTO(X509_NAME_ENTRY_get_data)
CRYPTO(X509_NAME_get_entry)
CRYPTO(X509_NAME_get_index_by_NID)
CRYPTO(X509_STORE_load_locations)
CRYPTO(X509_STORE_set_flags)
CRYPTO(X509_digest)
CRYPTO(X509_free)
CRYPTO(X509_get_ext_d2i)
CRYPTO(X509_get_signature_info)
CRYPTO(X509_get_subject_name)

#pragma GCC visibility pop
