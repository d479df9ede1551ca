/* Locks are held by the backing files, so they hold between all mounts of one directory. */
#pragma once

#include "inodes.h"

void start_locks(void);
void files_flock(fuse_req_t request, fuse_ino_t number, struct fuse_file_info *file, int operation);
void files_getlk(fuse_req_t request, fuse_ino_t number, struct fuse_file_info *file, struct flock *lock);
void files_setlk(fuse_req_t request, fuse_ino_t number, struct fuse_file_info *file, struct flock *lock, int waits);

/* A process that closes a file gives up its POSIX locks on it, by whatever descriptor it had them. */
void drop_owner(struct inode *inode, unsigned long owner);
