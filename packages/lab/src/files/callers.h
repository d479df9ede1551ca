/* What somebody makes is theirs from its first moment. */
#pragma once

#include <fuse_lowlevel.h>
#include <sys/fsuid.h>

/*
 * Of this thread alone. The thread keeps its rights (main asked for that): whether the caller may, the kernel has decided by
 * the mount's default_permissions, which knows all groups of the caller. That of a setgid directory goes before the caller's.
 */
static inline void act_as(fuse_req_t request) {
  const struct fuse_ctx *caller = fuse_req_ctx(request);
  setfsgid(caller->gid);
  setfsuid(caller->uid);
}

static inline void act_as_root(void) {
  setfsuid(0);
  setfsgid(0);
}
