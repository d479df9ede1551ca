/*
 * Locks. Who has to wait for one is kept in a list and tried again every millisecond, by one thread for all of them: so no
 * thread that others need is held by a lock, and who waits can be interrupted. (A client of NFSv4 asks again, too.)
 */
#include "locks.h"

#include "conditions.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

struct owner {
  struct owner *next;
  unsigned long name;
  int descriptor;
};

struct attempt {
  struct attempt *next;
  fuse_req_t request;
  /* How often it is tried again before it is refused; FOREVER: until it has the lock. */
  int tries;
  fuse_ino_t number;
  bool is_posix;
  /* A POSIX lock. */
  unsigned long owner;
  struct flock lock;
  /* Or flock's: an open file, and what to do. */
  int descriptor;
  int operation;
};

#define FOREVER -1
static const long between_tries = 1000000;

static pthread_mutex_t owners_mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t list_mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t somebody_waits = PTHREAD_COND_INITIALIZER;
static struct attempt *first;

/* With the owners' mutex held. A POSIX lock is a process's, an open file's lock an open file's: so each owner has one. */
static int owner_descriptor(struct inode *inode, unsigned long name) {
  for (struct owner *owner = inode->owners; owner; owner = owner->next)
    if (owner->name == name) return owner->descriptor;
  struct owner *owner = malloc(sizeof *owner);
  if (!owner) return -1;
  int descriptor = open(path_of(inode->descriptor).text, O_RDWR | O_CLOEXEC);
  if (descriptor < 0) {
    free(owner);
    return -1;
  }
  *owner = (struct owner){.next = inode->owners, .name = name, .descriptor = descriptor};
  inode->owners = owner;
  return descriptor;
}

void drop_owner(struct inode *inode, unsigned long name) {
  pthread_mutex_lock(&owners_mutex);
  for (struct owner **place = &inode->owners; *place; place = &(*place)->next) {
    struct owner *owner = *place;
    if (owner->name != name) continue;
    *place = owner->next;
    close(owner->descriptor);
    free(owner);
    break;
  }
  pthread_mutex_unlock(&owners_mutex);
}

static int posix_lock(struct inode *inode, unsigned long owner, int command, struct flock *lock) {
  pthread_mutex_lock(&owners_mutex);
  int descriptor = owner_descriptor(inode, owner);
  lock->l_pid = 0;
  int error = descriptor < 0 || fcntl(descriptor, command, lock) < 0 ? errno : 0;
  pthread_mutex_unlock(&owners_mutex);
  return error;
}

static int try(struct attempt *attempt) {
  if (attempt->is_posix) return posix_lock(inode_of(attempt->number), attempt->owner, F_OFD_SETLK, &attempt->lock);
  return flock(attempt->descriptor, attempt->operation | LOCK_NB) < 0 ? errno : 0;
}

/* Who got a lock sees what was written under it before, also in a file that it opened earlier. */
static void renew(const struct attempt *attempt) {
  struct stat attributes;
  if (attempt->is_posix ? attempt->lock.l_type == F_UNLCK : attempt->operation & LOCK_UN) return;
  if (fstat(descriptor_of(attempt->number), &attributes) < 0) return;
  if (is_outdated(inode_of(attempt->number), &attributes)) distrust_contents(attempt->number);
}

/* Whether there is an answer now. */
static bool answer(struct attempt *attempt) {
  int error = fuse_req_interrupted(attempt->request) ? EINTR : try(attempt);
  bool again = error == EAGAIN || error == EACCES;
  if (again && attempt->tries == FOREVER) return false;
  if (again && attempt->tries-- > 0) return false;
  if (!error) renew(attempt);
  fuse_reply_err(attempt->request, again ? EAGAIN : error);
  return true;
}

static void *retry(void *unused) {
  for (;;) {
    pthread_mutex_lock(&list_mutex);
    while (!first) pthread_cond_wait(&somebody_waits, &list_mutex);
    for (struct attempt **place = &first; !hanging() && *place;) {
      struct attempt *attempt = *place;
      if (answer(attempt)) {
        *place = attempt->next;
        free(attempt);
      } else place = &attempt->next;
    }
    pthread_mutex_unlock(&list_mutex);
    sleep_for(between_tries);
  }
  return unused;
}

void start_locks(void) {
  pthread_t thread;
  pthread_create(&thread, NULL, retry, NULL);
}

/* Who came first is tried first. */
static void wait_for(struct attempt *attempt) {
  pthread_mutex_lock(&list_mutex);
  struct attempt **place = &first;
  while (*place) place = &(*place)->next;
  *place = attempt;
  pthread_cond_signal(&somebody_waits);
  pthread_mutex_unlock(&list_mutex);
}

static void ask(struct attempt wanted) {
  int error = admit(LOCK);
  struct attempt *attempt = error ? NULL : malloc(sizeof *attempt);
  if (!attempt) {
    fuse_reply_err(wanted.request, error ? error : ENOMEM);
    return;
  }
  *attempt = wanted;
  if (answer(attempt)) free(attempt);
  else wait_for(attempt);
}

/*
 * The kernel tells of the end of an open file, which ends its lock, when close() has returned already. So who only wants to
 * try is refused no sooner than this many milliseconds later, lest it be refused for a lock that is not there any more.
 */
static const int grace = 20;

void files_flock(fuse_req_t request, fuse_ino_t number, struct fuse_file_info *file, int operation) {
  ask((struct attempt){.request = request,
                       .tries = operation & LOCK_NB ? grace : FOREVER,
                       .number = number,
                       .descriptor = (int)file->fh,
                       .operation = operation});
}

void files_setlk(fuse_req_t request, fuse_ino_t number, struct fuse_file_info *file, struct flock *lock, int waits) {
  ask((struct attempt){.request = request,
                       .tries = waits ? FOREVER : 0,
                       .number = number,
                       .is_posix = true,
                       .owner = file->lock_owner,
                       .lock = *lock});
}

void files_getlk(fuse_req_t request, fuse_ino_t number, struct fuse_file_info *file, struct flock *lock) {
  int error = admit(LOCK);
  if (!error) error = posix_lock(inode_of(number), file->lock_owner, F_OFD_GETLK, lock);
  if (error) fuse_reply_err(request, error);
  else fuse_reply_lock(request, lock);
}
