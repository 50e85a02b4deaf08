/*
 * Runs one program and says what it took:
 *
 *     stopwatch <report> <program> [arguments]
 *
 * writes wall time in ns, processor time in ns (of the program and all it waited for), peak memory of the
 * largest of these processes in KiB, and the exit code into `report`. A program of its own, because a
 * process inherits the peak memory of what it was started from, and this one has none to speak of.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int64_t nanoseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static int64_t of_timeval(struct timeval time) {
  return (int64_t)time.tv_sec * 1000000000 + (int64_t)time.tv_usec * 1000;
}

int main(int argc, char **argv) {
  if (argc < 3) return 2;
  FILE *report = fopen(argv[1], "we");
  if (report == NULL) return 2;
  int64_t start = nanoseconds();
  pid_t child = vfork();
  if (child == 0) {
    execvp(argv[2], argv + 2);
    _exit(127);
  }
  int status = 0;
  struct rusage usage;
  if (child < 0 || wait4(child, &status, 0, &usage) != child) return 2;
  int64_t wall = nanoseconds() - start;
  int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  fprintf(report, "%lld %lld %ld %d\n", (long long)wall,
          (long long)(of_timeval(usage.ru_utime) + of_timeval(usage.ru_stime)), usage.ru_maxrss, code);
  return fclose(report) == 0 ? 0 : 2;
}
