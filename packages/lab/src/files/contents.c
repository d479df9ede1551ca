/* Contents: opening, reading and writing, consistent from close to open as on NFS. */
#include "callers.h"
#include "conditions.h"
#include "locks.h"
#include "operations.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

/* What is the kernel's own to do, or would make it depend on how buffers lie in memory. */
static int flags_of(const struct fuse_file_info *file) {
  return (file->flags & ~(O_NOFOLLOW | O_DIRECT | O_CREAT | O_EXCL)) | O_CLOEXEC;
}

static void keep_what_is_true(fuse_ino_t number, const struct stat *attributes, struct fuse_file_info *file) {
  file->keep_cache = !is_outdated(inode_of(number), attributes);
  // Without this the kernel would believe in the old size until its second is over.
  if (!file->keep_cache) distrust_attributes(number);
}

/* Returns an error, or 0. */
static int open_inode(fuse_ino_t number, struct fuse_file_info *file) {
  int descriptor = open(path_of(descriptor_of(number)).text, flags_of(file));
  if (descriptor < 0) return errno;
  struct stat attributes;
  int error = fstat(descriptor, &attributes) < 0 ? errno : 0;
  // Another mount put a new file into this one's place: the kernel looks the name up again, as a client of NFSv4 opens by name.
  if (!error && attributes.st_nlink == 0) error = ESTALE;
  if (error) {
    close(descriptor);
    return error;
  }
  keep_what_is_true(number, &attributes, file);
  file->fh = descriptor;
  return 0;
}

void files_open(fuse_req_t request, fuse_ino_t number, struct fuse_file_info *file) {
  int error = admit(file->flags & O_TRUNC ? WRITE : METADATA);
  if (!error) error = open_inode(number, file);
  if (error) fuse_reply_err(request, error);
  else if (fuse_reply_open(request, file) == -ENOENT) close((int)file->fh);
}

/* Returns a descriptor, or an error's number below zero. */
static int create_as(fuse_req_t request, fuse_ino_t parent, const char *name, mode_t mode, int flags) {
  act_as(request);
  int descriptor = openat(descriptor_of(parent), name, (flags & ~O_DIRECT) | O_CREAT | O_NOFOLLOW | O_CLOEXEC, mode);
  int error = errno;
  act_as_root();
  return descriptor < 0 ? -error : descriptor;
}

void files_create(fuse_req_t request, fuse_ino_t parent, const char *name, mode_t mode, struct fuse_file_info *file) {
  int error = admit(WRITE);
  int descriptor = error ? -error : create_as(request, parent, name, mode, file->flags);
  if (descriptor < 0) {
    fuse_reply_err(request, -descriptor);
    return;
  }
  struct fuse_entry_param entry;
  int known = open(path_of(descriptor).text, O_PATH | O_CLOEXEC);
  error = known < 0 ? errno : enter(known, parent, name, &entry);
  file->fh = descriptor;
  if (error) fuse_reply_err(request, error);
  else if (fuse_reply_create(request, &entry, file) == -ENOENT) {
    // The caller was interrupted: nobody will forget or release what it never got.
    forget(inode_of(entry.ino), 1);
    error = EINTR;
  }
  if (error) close(descriptor);
}

void files_read(fuse_req_t request, fuse_ino_t number, size_t size, off_t offset, struct fuse_file_info *file) {
  (void)number;
  int error = admit(READ);
  char *buffer = error ? NULL : malloc(size);
  if (!error && !buffer) error = ENOMEM;
  ssize_t length = error ? -1 : pread((int)file->fh, buffer, size, offset);
  if (length < 0) fuse_reply_err(request, error ? error : errno);
  else fuse_reply_buf(request, buffer, length);
  free(buffer);
}

/* A file that was opened to append does so wherever its end is by now, whatever offset the kernel thought of. */
void files_write(fuse_req_t request, fuse_ino_t number, const char *data, size_t size, off_t offset,
                 struct fuse_file_info *file) {
  (void)number;
  int error = admit(WRITE);
  ssize_t written = error ? -1 : pwrite((int)file->fh, data, size, offset);
  if (written < 0) fuse_reply_err(request, error ? error : errno);
  else fuse_reply_write(request, written);
}

/* Once for each close(), which is a request on NFSv4, too. What was written is there already. */
void files_flush(fuse_req_t request, fuse_ino_t number, struct fuse_file_info *file) {
  int error = admit(METADATA);
  drop_owner(inode_of(number), file->lock_owner);
  fuse_reply_err(request, error);
}

/* After the last close(). Nobody waits for it, so it does not wait either: it ends locks. */
void files_release(fuse_req_t request, fuse_ino_t number, struct fuse_file_info *file) {
  (void)number;
  close((int)file->fh);
  fuse_reply_err(request, 0);
}

/* The write was the server's to keep; that this host's disk has it would only cost the time of this host's disk. */
void files_fsync(fuse_req_t request, fuse_ino_t number, int only_data, struct fuse_file_info *file) {
  (void)number, (void)only_data, (void)file;
  fuse_reply_err(request, admit(WRITE));
}
