/* Looks at a thousand paths again and again: how often is the argument. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

int main(int count, char **arguments) {
  struct stat status;
  char paths[1000][64];
  for (int i = 0; i < 1000; i++) snprintf(paths[i], sizeof paths[i], "%s/file-%d", arguments[1], i % 10);
  int found = 0;
  for (int n = count > 2 ? atoi(arguments[2]) : 0; n > 0; n--) found += stat(paths[n % 1000], &status) == 0;
  return found < 0;
}
