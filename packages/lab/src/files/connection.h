/* The connection to the kernel: the mount, and what goes through it. */
#pragma once

#include <fuse_lowlevel.h>

/* Mounts, for as long as this process lives. Returns NULL, or what could not be used, with errno set. */
const char *connect_to_kernel(struct fuse_session *session, const char *mountpoint);
