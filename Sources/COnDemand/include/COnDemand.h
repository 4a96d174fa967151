// Libraries that are loaded where they are used: of libcurl and ISA-L other rooms know the functions, here are
// those of OpenSSL, Kerberos and LDAP that libpq calls, for a program that has libpq linked in.
//
// As a shared library libpq loads them, and 17 more behind them, in every process: four fifths of the
// time that a short command takes. Few connections use them. The functions here load the library when
// the first of them is called, and fail as the library does where it is not installed.
#pragma once

/// A library that is loaded when it is first needed.
struct on_demand_library {
  /// The name that the dynamic loader knows it by.
  const char *name;
  /// The loader's handle; null before the first use, and where there is no such library.
  _Atomic(void *) handle;
};

/// The function of that name, or null where the library or the function is not installed.
void *on_demand_function(struct on_demand_library *library, const char *name);

/// Has OpenSSL, where it is loaded, leave its memory to the kernel at exit: its own handler would free
/// what threads that still close their connections are using. To be called before anything else of it.
void on_demand_keep_openssl(void);
