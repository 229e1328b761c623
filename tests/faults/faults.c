/* Lets one chosen system call go wrong, in any program that loads this with LD_PRELOAD.

   Counted, from 1, are the calls that change files below the folder FAULTS_BELOW; with FAULTS_CALLS
   only those whose names it lists, with FAULTS_FILE only those on paths in which it occurs.
   At number FAULTS_AT happens what FAULTS_DO says:

       SIGKILL, SIGTERM, SIGINT   the process gets this signal just before the call
       torn                       half of what is to be written is written, then comes SIGKILL
       a number                   this call and all later ones fail with it as errno

   FAULTS_LOG is a file that gets one line a counted call: number, name, path.
   With FAULTS_CLOCK, each look at the wall clock shows so many seconds less than the one before.
*/

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

static const char *below, *calls, *file, *action;
static long at, clock_step;
static int log_fd = -1;
static atomic_long counted, looks;

/* Once more where a process has been forked, and gets an environment of its own. */
__attribute__((constructor)) void read_environment(void) {
    below = getenv("FAULTS_BELOW");
    calls = getenv("FAULTS_CALLS");
    file = getenv("FAULTS_FILE");
    action = getenv("FAULTS_DO");
    at = getenv("FAULTS_AT") ? atol(getenv("FAULTS_AT")) : 0;
    clock_step = getenv("FAULTS_CLOCK") ? atol(getenv("FAULTS_CLOCK")) : 0;
    const char *log = getenv("FAULTS_LOG");
    if (log) log_fd = syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_CREAT | O_APPEND, 0644);
}

enum { GO_ON, TEAR, FAIL };

static int is_listed(const char *call) {
    if (!calls) return 1;
    const char *found = calls;
    size_t length = strlen(call);
    while ((found = strstr(found, call))) {
        int begins = found == calls || found[-1] == ',';
        found += length;
        if (begins && (*found == ',' || !*found)) return 1;
    }
    return 0;
}

/* Counts the call if it is one of those; says what is to become of it. */
static int meet(const char *call, const char *path) {
    if (!below || strncmp(path, below, strlen(below)) || !is_listed(call)) return GO_ON;
    if (file && !strstr(path, file)) return GO_ON;
    long number = ++counted;
    if (log_fd >= 0) {
        char line[PATH_MAX + 64];
        int length = snprintf(line, sizeof line, "%ld %s %s\n", number, call, path);
        syscall(SYS_write, log_fd, line, length);
    }
    if (!action || !at || number < at) return GO_ON;
    if (*action >= '0' && *action <= '9') {
        errno = atoi(action);
        return FAIL;
    }
    if (number > at) return GO_ON;
    if (!strcmp(action, "torn")) return TEAR;
    if (!strcmp(action, "SIGTERM")) kill(getpid(), SIGTERM);
    else if (!strcmp(action, "SIGINT")) kill(getpid(), SIGINT);
    else kill(getpid(), SIGKILL);
    return GO_ON;
}

static int meet_at(const char *call, int folder, const char *name) {
    char path[PATH_MAX] = "";
    if (name[0] != '/') {
        char link[64];
        snprintf(link, sizeof link, folder == AT_FDCWD ? "/proc/self/cwd" : "/proc/self/fd/%d",
                 folder);
        ssize_t length = readlink(link, path, sizeof path - 2);
        if (length < 0) return GO_ON;
        path[length] = '/';
        path[length + 1] = 0;
    }
    strncat(path, name, sizeof path - strlen(path) - 1);
    return meet(call, path);
}

static int meet_open(const char *call, int fd) {
    char link[64], path[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return GO_ON;
    path[length] = 0;
    return meet(call, path);
}

static void die(void) {
    kill(getpid(), SIGKILL);
    for (;;) pause();
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define OR_FAIL(met, value) if ((met) == FAIL) return value

#define WRITES(name, offset_type)                                                               \
    ssize_t name(int fd, const void *data, size_t size, offset_type offset) {                   \
        int met = meet_open("write", fd);                                                       \
        OR_FAIL(met, -1);                                                                       \
        if (met == TEAR) {                                                                      \
            REAL(name)(fd, data, size / 2, offset);                                             \
            die();                                                                              \
        }                                                                                       \
        return REAL(name)(fd, data, size, offset);                                              \
    }
WRITES(pwrite, off_t)
WRITES(pwrite64, off64_t)

ssize_t write(int fd, const void *data, size_t size) {
    int met = meet_open("write", fd);
    OR_FAIL(met, -1);
    if (met == TEAR) {
        REAL(write)(fd, data, size / 2);
        die();
    }
    return REAL(write)(fd, data, size);
}

#define ON_OPEN_FILE(call, name, parameters, arguments)                                         \
    int name parameters {                                                                       \
        OR_FAIL(meet_open(call, fd), -1);                                                       \
        return REAL(name) arguments;                                                            \
    }
ON_OPEN_FILE("truncate", ftruncate, (int fd, off_t size), (fd, size))
ON_OPEN_FILE("truncate", ftruncate64, (int fd, off64_t size), (fd, size))
ON_OPEN_FILE("sync", fsync, (int fd), (fd))
ON_OPEN_FILE("sync", fdatasync, (int fd), (fd))

int posix_fallocate(int fd, off_t offset, off_t size) {
    OR_FAIL(meet_open("allocate", fd), errno);
    return REAL(posix_fallocate)(fd, offset, size);
}
int posix_fallocate64(int fd, off64_t offset, off64_t size) {
    OR_FAIL(meet_open("allocate", fd), errno);
    return REAL(posix_fallocate64)(fd, offset, size);
}

#define ON_PATH(call, name, parameters, folder, path, arguments)                                \
    int name parameters {                                                                       \
        OR_FAIL(meet_at(call, folder, path), -1);                                               \
        return REAL(name) arguments;                                                            \
    }
ON_PATH("rename", rename, (const char *from, const char *to), AT_FDCWD, from, (from, to))
ON_PATH("unlink", unlink, (const char *path), AT_FDCWD, path, (path))
ON_PATH("unlink", unlinkat, (int folder, const char *path, int flags), folder, path,
        (folder, path, flags))
ON_PATH("mkdir", mkdir, (const char *path, mode_t mode), AT_FDCWD, path, (path, mode))

#define OPENS(name)                                                                             \
    int name(const char *path, int flags, ...) {                                                \
        va_list rest;                                                                           \
        va_start(rest, flags);                                                                  \
        mode_t mode = va_arg(rest, mode_t);                                                     \
        va_end(rest);                                                                           \
        if (flags & (O_CREAT | O_TRUNC)) OR_FAIL(meet_at("open", AT_FDCWD, path), -1);          \
        return REAL(name)(path, flags, mode);                                                   \
    }
OPENS(open)
OPENS(open64)

int clock_gettime(clockid_t clock, struct timespec *now) {
    int status = REAL(clock_gettime)(clock, now);
    if (!status && clock == CLOCK_REALTIME && clock_step) now->tv_sec -= ++looks * clock_step;
    return status;
}
