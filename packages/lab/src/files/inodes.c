#include "inodes.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BUCKETS 65536
#define UNSURE -1
/* Nanoseconds: before Linux 6.13 two changes within a tick of its clock have the same time. */
static const long tick = 20000000;

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static struct inode *buckets[BUCKETS];
static unsigned long known;
/* Never forgotten, and in no bucket: nobody looks it up. */
static struct inode root_inode;
static struct fuse_session *own_session;

void start_inodes(int root, struct fuse_session *session) {
  root_inode.descriptor = root;
  own_session = session;
}

struct inode *inode_of(fuse_ino_t number) {
  return number == FUSE_ROOT_ID ? &root_inode : (struct inode *)(uintptr_t)number;
}

int descriptor_of(fuse_ino_t number) { return inode_of(number)->descriptor; }

unsigned long known_inodes(void) {
  pthread_mutex_lock(&mutex);
  unsigned long count = known;
  pthread_mutex_unlock(&mutex);
  return count;
}

struct path path_of(int descriptor) {
  struct path path;
  snprintf(path.text, sizeof path.text, "/proc/self/fd/%d", descriptor);
  return path;
}

static struct inode **place_of(dev_t device, ino_t number) {
  struct inode **place = &buckets[number % BUCKETS];
  while (*place && ((*place)->number != number || (*place)->device != device)) place = &(*place)->next;
  return place;
}

/* With the mutex held. A number is not used again while it is here: its descriptor keeps the file. */
static struct inode *find_or_add(int descriptor, const struct stat *attributes) {
  struct inode **place = place_of(attributes->st_dev, attributes->st_ino);
  if (*place) {
    close(descriptor);
    return *place;
  }
  struct inode *inode = calloc(1, sizeof *inode);
  if (!inode) return NULL;
  inode->descriptor = descriptor;
  inode->device = attributes->st_dev;
  inode->number = attributes->st_ino;
  known++;
  return *place = inode;
}

/* With the mutex held. */
static void note(struct inode *inode, const struct stat *attributes) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  long age = (now.tv_sec - attributes->st_mtim.tv_sec) * 1000000000 + now.tv_nsec - attributes->st_mtim.tv_nsec;
  inode->size = age < tick ? UNSURE : attributes->st_size;
  inode->modified = attributes->st_mtim;
}

int enter(int descriptor, fuse_ino_t parent, const char *name, struct fuse_entry_param *entry) {
  struct fuse_entry_param found = {.attr_timeout = BELIEVED, .entry_timeout = BELIEVED};
  if (fstat(descriptor, &found.attr) < 0) {
    int error = errno;
    close(descriptor);
    return error;
  }
  pthread_mutex_lock(&mutex);
  struct inode *inode = find_or_add(descriptor, &found.attr);
  if (inode) {
    inode->lookups++;
    note(inode, &found.attr);
    free(inode->name);
    inode->parent = parent;
    inode->name = S_ISDIR(found.attr.st_mode) ? NULL : strdup(name);
  }
  pthread_mutex_unlock(&mutex);
  if (!inode) {
    close(descriptor);
    return ENOMEM;
  }
  found.ino = (uintptr_t)inode;
  *entry = found;
  return 0;
}

void forget(struct inode *inode, unsigned long lookups) {
  if (inode == &root_inode) return;
  pthread_mutex_lock(&mutex);
  inode->lookups -= lookups;
  bool gone = inode->lookups == 0;
  if (gone) {
    *place_of(inode->device, inode->number) = inode->next;
    known--;
  }
  pthread_mutex_unlock(&mutex);
  if (!gone) return;
  close(inode->descriptor);
  free(inode->name);
  free(inode);
}

void told(struct inode *inode, const struct stat *attributes) {
  pthread_mutex_lock(&mutex);
  note(inode, attributes);
  pthread_mutex_unlock(&mutex);
}

bool is_outdated(struct inode *inode, const struct stat *attributes) {
  pthread_mutex_lock(&mutex);
  bool outdated = inode->size != attributes->st_size || inode->modified.tv_sec != attributes->st_mtim.tv_sec ||
                  inode->modified.tv_nsec != attributes->st_mtim.tv_nsec;
  pthread_mutex_unlock(&mutex);
  return outdated;
}

void distrust_attributes(fuse_ino_t number) { fuse_lowlevel_notify_inval_inode(own_session, number, -1, 0); }

void distrust_contents(fuse_ino_t number) { fuse_lowlevel_notify_inval_inode(own_session, number, 0, 0); }

struct place {
  fuse_ino_t parent;
  char *name;
};

/* Takes the names from the files of some buckets. Without a mutex that an answer to the kernel may need, they are told then. */
static size_t take_names(size_t from, size_t to, struct place *places, size_t most) {
  size_t count = 0;
  pthread_mutex_lock(&mutex);
  for (size_t i = from; i < to; i++)
    for (struct inode *inode = buckets[i]; inode && count < most; inode = inode->next) {
      if (!inode->name) continue;
      places[count++] = (struct place){inode->parent, inode->name};
      inode->name = NULL;
    }
  pthread_mutex_unlock(&mutex);
  return count;
}

void distrust_names(void) {
  struct place places[256];
  for (size_t i = 0; i < BUCKETS; i += 64) {
    size_t count = take_names(i, i + 64, places, 256);
    for (size_t j = 0; j < count; j++) {
      fuse_lowlevel_notify_inval_entry(own_session, places[j].parent, places[j].name, strlen(places[j].name));
      free(places[j].name);
    }
  }
}
