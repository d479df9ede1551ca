/* The files that the kernel knows of, each by a descriptor of its own: it stays the same file, whatever its name becomes. */
#pragma once

#include <fuse_lowlevel.h>
#include <stdbool.h>

/* Seconds for which the kernel believes what it was told of attributes and names, also of names that are not there. */
#define BELIEVED 1.0

struct inode {
  struct inode *next;
  /* Opened with O_PATH: no file of the backing directory is kept from anything by it. */
  int descriptor;
  dev_t device;
  ino_t number;
  unsigned long lookups;
  /* Where it was found last; of a directory NULL. */
  fuse_ino_t parent;
  char *name;
  /* Of its contents, as the kernel was last told; UNSURE when they may change once more without another time. */
  off_t size;
  struct timespec modified;
  /* Who holds POSIX locks on it: locks.c. */
  struct owner *owners;
};

struct path {
  char text[64];
};

void start_inodes(int root, struct fuse_session *session);
struct inode *inode_of(fuse_ino_t number);
int descriptor_of(fuse_ino_t number);
unsigned long known_inodes(void);

/* By which a file that is known by its descriptor is opened, or changed, as by its name. */
struct path path_of(int descriptor);

/* Answers with a file that was found, opened with O_PATH; the descriptor is taken. Returns an error, or 0. */
int enter(int descriptor, fuse_ino_t parent, const char *name, struct fuse_entry_param *entry);
void forget(struct inode *inode, unsigned long lookups);

/* The kernel is about to be told these attributes. */
void told(struct inode *inode, const struct stat *attributes);

/* Whether the contents are, or may be, others than the kernel was told of. */
bool is_outdated(struct inode *inode, const struct stat *attributes);

/* The kernel asks for attributes again, though their second is not over. */
void distrust_attributes(fuse_ino_t number);
/* And reads again what it has read. */
void distrust_contents(fuse_ino_t number);
/* And forgets all files that nobody has open. Not directories: somebody may be in one. */
void distrust_names(void);
