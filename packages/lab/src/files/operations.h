/* What the kernel asks for, by libfuse's names. */
#pragma once

#include "inodes.h"

void files_create(fuse_req_t, fuse_ino_t parent, const char *name, mode_t, struct fuse_file_info *);
void files_open(fuse_req_t, fuse_ino_t, struct fuse_file_info *);
void files_read(fuse_req_t, fuse_ino_t, size_t, off_t, struct fuse_file_info *);
void files_write(fuse_req_t, fuse_ino_t, const char *, size_t, off_t, struct fuse_file_info *);
void files_flush(fuse_req_t, fuse_ino_t, struct fuse_file_info *);
void files_release(fuse_req_t, fuse_ino_t, struct fuse_file_info *);
void files_fsync(fuse_req_t, fuse_ino_t, int only_data, struct fuse_file_info *);

void files_lookup(fuse_req_t, fuse_ino_t parent, const char *name);
void files_forget(fuse_req_t, fuse_ino_t, uint64_t lookups);
void files_forget_multi(fuse_req_t, size_t count, struct fuse_forget_data *);
void files_mkdir(fuse_req_t, fuse_ino_t parent, const char *name, mode_t);
void files_mknod(fuse_req_t, fuse_ino_t parent, const char *name, mode_t, dev_t);
void files_symlink(fuse_req_t, const char *target, fuse_ino_t parent, const char *name);
void files_link(fuse_req_t, fuse_ino_t, fuse_ino_t parent, const char *name);
void files_unlink(fuse_req_t, fuse_ino_t parent, const char *name);
void files_rmdir(fuse_req_t, fuse_ino_t parent, const char *name);
void files_rename(fuse_req_t, fuse_ino_t, const char *, fuse_ino_t to, const char *new_name, unsigned flags);

void files_getattr(fuse_req_t, fuse_ino_t, struct fuse_file_info *);
void files_setattr(fuse_req_t, fuse_ino_t, struct stat *, int which, struct fuse_file_info *);
void files_readlink(fuse_req_t, fuse_ino_t);
void files_statfs(fuse_req_t, fuse_ino_t);
void files_opendir(fuse_req_t, fuse_ino_t, struct fuse_file_info *);
void files_readdir(fuse_req_t, fuse_ino_t, size_t, off_t, struct fuse_file_info *);
void files_releasedir(fuse_req_t, fuse_ino_t, struct fuse_file_info *);
