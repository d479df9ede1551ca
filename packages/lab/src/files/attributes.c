/* Attributes of files, and what is in directories. */
#include "conditions.h"
#include "operations.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

static void reply_attributes(fuse_req_t request, int error, fuse_ino_t number) {
  struct stat attributes;
  if (!error && fstat(descriptor_of(number), &attributes) < 0) error = errno;
  if (error) {
    fuse_reply_err(request, error);
    return;
  }
  told(inode_of(number), &attributes);
  fuse_reply_attr(request, &attributes, BELIEVED);
}

void files_getattr(fuse_req_t request, fuse_ino_t number, struct fuse_file_info *file) {
  (void)file;
  reply_attributes(request, admit(METADATA), number);
}

static struct timespec time_of(int which, int given, int now, struct timespec time) {
  if (which & now) return (struct timespec){.tv_nsec = UTIME_NOW};
  return which & given ? time : (struct timespec){.tv_nsec = UTIME_OMIT};
}

/* Returns an error, or 0. */
static int change(int descriptor, const struct stat *wanted, int which, const struct fuse_file_info *file) {
  struct path path = path_of(descriptor);
  if (which & FUSE_SET_ATTR_MODE && chmod(path.text, wanted->st_mode) < 0) return errno;
  if (which & (FUSE_SET_ATTR_UID | FUSE_SET_ATTR_GID)) {
    uid_t user = which & FUSE_SET_ATTR_UID ? wanted->st_uid : (uid_t)-1;
    gid_t group = which & FUSE_SET_ATTR_GID ? wanted->st_gid : (gid_t)-1;
    if (fchownat(descriptor, "", user, group, AT_EMPTY_PATH) < 0) return errno;
  }
  if (which & FUSE_SET_ATTR_SIZE) {
    int done = file ? ftruncate((int)file->fh, wanted->st_size) : truncate(path.text, wanted->st_size);
    if (done < 0) return errno;
  }
  const int times = FUSE_SET_ATTR_ATIME | FUSE_SET_ATTR_MTIME | FUSE_SET_ATTR_ATIME_NOW | FUSE_SET_ATTR_MTIME_NOW;
  if (which & times) {
    struct timespec both[] = {time_of(which, FUSE_SET_ATTR_ATIME, FUSE_SET_ATTR_ATIME_NOW, wanted->st_atim),
                              time_of(which, FUSE_SET_ATTR_MTIME, FUSE_SET_ATTR_MTIME_NOW, wanted->st_mtim)};
    if (utimensat(descriptor, "", both, AT_EMPTY_PATH) < 0) return errno;
  }
  return 0;
}

void files_setattr(fuse_req_t request, fuse_ino_t number, struct stat *wanted, int which, struct fuse_file_info *file) {
  int error = admit(WRITE);
  if (!error) error = change(descriptor_of(number), wanted, which, file);
  reply_attributes(request, error, number);
}

void files_readlink(fuse_req_t request, fuse_ino_t number) {
  char target[PATH_MAX + 1];
  int error = admit(METADATA);
  ssize_t length = error ? -1 : readlinkat(descriptor_of(number), "", target, PATH_MAX);
  if (length < 0) {
    fuse_reply_err(request, error ? error : errno);
    return;
  }
  target[length] = 0;
  fuse_reply_readlink(request, target);
}

void files_statfs(fuse_req_t request, fuse_ino_t number) {
  struct statvfs found;
  int error = admit(METADATA);
  if (!error && fstatvfs(descriptor_of(number), &found) < 0) error = errno;
  if (error) fuse_reply_err(request, error);
  else fuse_reply_statfs(request, &found);
}

static DIR *open_directory(fuse_ino_t number) {
  int descriptor = openat(descriptor_of(number), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *directory = descriptor < 0 ? NULL : fdopendir(descriptor);
  if (descriptor >= 0 && !directory) close(descriptor);
  return directory;
}

/* Asks for nothing: the reading is the request, as on NFS. */
void files_opendir(fuse_req_t request, fuse_ino_t number, struct fuse_file_info *file) {
  DIR *directory = open_directory(number);
  file->fh = (uintptr_t)directory;
  if (!directory) fuse_reply_err(request, errno);
  else if (fuse_reply_open(request, file) == -ENOENT) closedir(directory);
}

/* Puts entries from an offset on into a buffer. Returns how much of it is used, or an error's number below zero. */
static ssize_t list(fuse_req_t request, DIR *directory, off_t offset, char *buffer, size_t size) {
  size_t used = 0;
  // Also at the beginning: one that was read before is read anew.
  seekdir(directory, offset);
  for (;;) {
    errno = 0;
    const struct dirent *entry = readdir(directory);
    if (!entry) return used == 0 && errno ? -errno : (ssize_t)used;
    struct stat attributes = {.st_ino = entry->d_ino, .st_mode = DTTOIF(entry->d_type)};
    size_t length =
        fuse_add_direntry(request, buffer + used, size - used, entry->d_name, &attributes, entry->d_off);
    if (length > size - used) return used;
    used += length;
  }
}

void files_readdir(fuse_req_t request, fuse_ino_t number, size_t size, off_t offset, struct fuse_file_info *file) {
  (void)number;
  int error = admit(METADATA);
  char *buffer = error ? NULL : malloc(size);
  ssize_t used = buffer ? list(request, (DIR *)(uintptr_t)file->fh, offset, buffer, size) : -(error ? error : ENOMEM);
  if (used < 0) fuse_reply_err(request, (int)-used);
  else fuse_reply_buf(request, buffer, used);
  free(buffer);
}

void files_releasedir(fuse_req_t request, fuse_ino_t number, struct fuse_file_info *file) {
  (void)number;
  closedir((DIR *)(uintptr_t)file->fh);
  fuse_reply_err(request, 0);
}
