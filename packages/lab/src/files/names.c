/* Names: finding, making, moving and removing what they stand for. */
#include "callers.h"
#include "conditions.h"
#include "operations.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

/* Returns an error, or 0. */
static int find(fuse_ino_t parent, const char *name, struct fuse_entry_param *entry) {
  int descriptor = openat(descriptor_of(parent), name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
  return descriptor < 0 ? errno : enter(descriptor, parent, name, entry);
}

static void reply_entry(fuse_req_t request, int error, const struct fuse_entry_param *entry) {
  if (error) fuse_reply_err(request, error);
  // The caller was interrupted: nobody will forget what it never got.
  else if (fuse_reply_entry(request, entry) == -ENOENT && entry->ino) forget(inode_of(entry->ino), 1);
}

void files_lookup(fuse_req_t request, fuse_ino_t parent, const char *name) {
  struct fuse_entry_param entry = {.entry_timeout = BELIEVED};
  int error = admit(METADATA);
  if (!error) error = find(parent, name, &entry);
  // An entry without a file is kept, as well: what is not there is asked for most.
  reply_entry(request, error == ENOENT ? 0 : error, &entry);
}

void files_forget(fuse_req_t request, fuse_ino_t number, uint64_t lookups) {
  forget(inode_of(number), lookups);
  fuse_reply_none(request);
}

void files_forget_multi(fuse_req_t request, size_t count, struct fuse_forget_data *forgotten) {
  for (size_t i = 0; i < count; i++) forget(inode_of(forgotten[i].ino), forgotten[i].nlookup);
  fuse_reply_none(request);
}

/* After a call that made it. */
static void reply_made(fuse_req_t request, int error, fuse_ino_t parent, const char *name) {
  struct fuse_entry_param entry;
  if (!error) error = find(parent, name, &entry);
  reply_entry(request, error, &entry);
}

void files_mkdir(fuse_req_t request, fuse_ino_t parent, const char *name, mode_t mode) {
  int error = admit(WRITE);
  act_as(request);
  if (!error && mkdirat(descriptor_of(parent), name, mode) < 0) error = errno;
  act_as_root();
  reply_made(request, error, parent, name);
}

void files_mknod(fuse_req_t request, fuse_ino_t parent, const char *name, mode_t mode, dev_t device) {
  int error = admit(WRITE);
  act_as(request);
  if (!error && mknodat(descriptor_of(parent), name, mode, device) < 0) error = errno;
  act_as_root();
  reply_made(request, error, parent, name);
}

void files_symlink(fuse_req_t request, const char *target, fuse_ino_t parent, const char *name) {
  int error = admit(WRITE);
  act_as(request);
  if (!error && symlinkat(target, descriptor_of(parent), name) < 0) error = errno;
  act_as_root();
  reply_made(request, error, parent, name);
}

void files_link(fuse_req_t request, fuse_ino_t number, fuse_ino_t parent, const char *name) {
  int error = admit(WRITE);
  if (!error && linkat(descriptor_of(number), "", descriptor_of(parent), name, AT_EMPTY_PATH) < 0) error = errno;
  reply_made(request, error, parent, name);
}

void files_unlink(fuse_req_t request, fuse_ino_t parent, const char *name) {
  int error = admit(WRITE);
  if (!error && unlinkat(descriptor_of(parent), name, 0) < 0) error = errno;
  fuse_reply_err(request, error);
}

void files_rmdir(fuse_req_t request, fuse_ino_t parent, const char *name) {
  int error = admit(WRITE);
  if (!error && unlinkat(descriptor_of(parent), name, AT_REMOVEDIR) < 0) error = errno;
  fuse_reply_err(request, error);
}

void files_rename(fuse_req_t request, fuse_ino_t from, const char *name, fuse_ino_t to, const char *new_name,
                  unsigned flags) {
  int error = admit(WRITE);
  if (!error && renameat2(descriptor_of(from), name, descriptor_of(to), new_name, flags) < 0) error = errno;
  fuse_reply_err(request, error);
}
