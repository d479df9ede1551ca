/*
 * The kernel forgets files when it needs their memory, which may be never; a process may have so many descriptors and no more
 * (20,000 was met). So the kernel is made to forget when half of them are taken. It looks names up again as they are needed.
 */
#include "room.h"

#include "conditions.h"
#include "inodes.h"

#include <pthread.h>
#include <stddef.h>
#include <sys/resource.h>

static const long between_looks = 20000000;

/* In a thread of its own: the kernel may have to wait for an answer of the others before it forgets. */
static void *make_room(void *unused) {
  struct rlimit descriptors;
  getrlimit(RLIMIT_NOFILE, &descriptors);
  for (;;) {
    sleep_for(between_looks);
    if (known_inodes() > descriptors.rlim_cur / 2) distrust_names();
  }
  return unused;
}

void start_making_room(void) {
  pthread_t thread;
  pthread_create(&thread, NULL, make_room, NULL);
}
