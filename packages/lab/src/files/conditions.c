/*
 * What each request meets before it is served. An order is answered when it is in force: every request that begins after
 * the answer meets it. Orders, a line each, with times in nanoseconds and an error by its number (0: none):
 *
 *     set READ WRITE METADATA LOCK HANGS ERROR      taken
 *     counts                                        READ WRITE METADATA LOCK
 */
#include "conditions.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

struct conditions {
  long delays[KINDS];
  int hangs;
  int error;
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static struct conditions current;
static unsigned long counts[KINDS];

/* A file system that is full, or takes no changes, still reads. */
static bool fails(int error, enum kind kind) {
  return kind == WRITE || (error != ENOSPC && error != EDQUOT && error != EROFS);
}

int admit(enum kind kind) {
  pthread_mutex_lock(&mutex);
  counts[kind]++;
  while (current.hangs) pthread_cond_wait(&changed, &mutex);
  long delay = current.delays[kind];
  int error = current.error && fails(current.error, kind) ? current.error : 0;
  pthread_mutex_unlock(&mutex);
  sleep_for(delay);
  return error;
}

bool hanging(void) {
  pthread_mutex_lock(&mutex);
  bool hangs = current.hangs;
  pthread_mutex_unlock(&mutex);
  return hangs;
}

void sleep_for(long nanoseconds) {
  const long second = 1000000000;
  if (nanoseconds <= 0) return;
  struct timespec end;
  clock_gettime(CLOCK_MONOTONIC, &end);
  end.tv_sec += (end.tv_nsec + nanoseconds) / second;
  end.tv_nsec = (end.tv_nsec + nanoseconds) % second;
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &end, NULL) == EINTR) continue;
}

static bool take(const char *order) {
  struct conditions wanted;
  long *delays = wanted.delays;
  if (sscanf(order, "set %ld %ld %ld %ld %d %d", &delays[READ], &delays[WRITE], &delays[METADATA], &delays[LOCK],
             &wanted.hangs, &wanted.error) != 6)
    return false;
  pthread_mutex_lock(&mutex);
  current = wanted;
  pthread_cond_broadcast(&changed);
  pthread_mutex_unlock(&mutex);
  return true;
}

static void print_counts(void) {
  pthread_mutex_lock(&mutex);
  printf("%lu %lu %lu %lu\n", counts[READ], counts[WRITE], counts[METADATA], counts[LOCK]);
  pthread_mutex_unlock(&mutex);
}

void obey(void) {
  char order[256];
  while (fgets(order, sizeof order, stdin)) {
    if (strcmp(order, "counts\n") == 0) print_counts();
    else puts(take(order) ? "taken" : "not understood");
    fflush(stdout);
  }
}
