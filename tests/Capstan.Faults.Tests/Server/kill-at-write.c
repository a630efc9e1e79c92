/*
 * Loaded before the C library: ends the process by SIGKILL right before its Nth write that is to last, counted over all of its threads.
 * N comes in CAPSTAN_KILL_AT_WRITE. Other than a tracer it knows one count for the whole process, so that N = 1, 2, 3 ... reaches each write.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/types.h>
#include <unistd.h>

static atomic_long left;

__attribute__((constructor)) static void begin(void) {
  const char *text = getenv("CAPSTAN_KILL_AT_WRITE");
  left = text ? atol(text) : 0;
  unsetenv("LD_PRELOAD");
}

static void step(void) {
  if (left > 0 && atomic_fetch_sub(&left, 1) == 1) {
    kill(getpid(), SIGKILL);
    for (;;) pause();
  }
}

#define WRAP(type, name, parameters, arguments)                 \
  type name parameters {                                        \
    static type (*real) parameters;                             \
    if (!real) real = (type (*) parameters)dlsym(RTLD_NEXT, #name); \
    step();                                                     \
    return real arguments;                                      \
  }

WRAP(ssize_t, pwrite, (int f, const void *b, size_t n, off_t o), (f, b, n, o))
WRAP(ssize_t, pwrite64, (int f, const void *b, size_t n, off64_t o), (f, b, n, o))
WRAP(int, fsync, (int f), (f))
WRAP(int, fdatasync, (int f), (f))
WRAP(int, rename, (const char *a, const char *b), (a, b))
WRAP(int, unlink, (const char *a), (a))
WRAP(int, mkdir, (const char *a, mode_t m), (a, m))
WRAP(int, ftruncate, (int f, off_t n), (f, n))
WRAP(int, ftruncate64, (int f, off64_t n), (f, n))
