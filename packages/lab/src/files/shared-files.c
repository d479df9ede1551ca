/*
 * The shared file system of the lab: a mount of a directory that several mounts show, each by a process of its own. It keeps
 * what NFS keeps between its clients, so EFS, and answers as slowly as it is told (conditions.c).
 *
 *     shared-files BACKING MOUNTPOINT
 *
 * Root needed. Prints `mounted`, then answers orders on standard input; when that ends, so does the mount.
 */
#include "conditions.h"
#include "connection.h"
#include "locks.h"
#include "operations.h"
#include "room.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/securebits.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/* Requests that are waited for at once. Orders and locks need none of these threads. */
#define THREADS 500

static void start(void *unused, struct fuse_conn_info *connection) {
  (void)unused;
  // The kernel is to take setuid away from what is written to: nobody can from root, who does the writing here.
  connection->want &= ~FUSE_CAP_HANDLE_KILLPRIV;
  connection->max_background = THREADS;
  connection->congestion_threshold = THREADS;
  start_locks();
}

static const struct fuse_lowlevel_ops operations = {
    .init = start,
    .lookup = files_lookup,
    .forget = files_forget,
    .forget_multi = files_forget_multi,
    .getattr = files_getattr,
    .setattr = files_setattr,
    .readlink = files_readlink,
    .mknod = files_mknod,
    .mkdir = files_mkdir,
    .symlink = files_symlink,
    .link = files_link,
    .unlink = files_unlink,
    .rmdir = files_rmdir,
    .rename = files_rename,
    .create = files_create,
    .open = files_open,
    .read = files_read,
    .write = files_write,
    .flush = files_flush,
    .release = files_release,
    .fsync = files_fsync,
    .opendir = files_opendir,
    .readdir = files_readdir,
    .releasedir = files_releasedir,
    .statfs = files_statfs,
    .getlk = files_getlk,
    .setlk = files_setlk,
    .flock = files_flock,
};

/* With the process the connection ends, and whoever waits for an answer is set free. */
static void *obey_and_end(void *mountpoint) {
  obey();
  umount2(mountpoint, MNT_DETACH);
  _exit(0);
}

static void fail(const char *what) {
  fprintf(stderr, "%s: %s\n", what, strerror(errno));
  exit(1);
}

static void prepare(void) {
  // As another user a thread keeps root's rights: see callers.h. The kernel has taken the umask off already.
  if (prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP) < 0) fail("PR_SET_SECUREBITS");
  umask(0);
  // Linux wakes sleepers up to 0.05 ms late unless told otherwise.
  prctl(PR_SET_TIMERSLACK, 1);
  // A descriptor for each file that the kernel remembers: as many as there may be.
  struct rlimit descriptors;
  getrlimit(RLIMIT_NOFILE, &descriptors);
  descriptors.rlim_cur = descriptors.rlim_max;
  setrlimit(RLIMIT_NOFILE, &descriptors);
  // Ctrl-C goes to all processes of a terminal; this one ends when nobody needs it any more.
  signal(SIGINT, SIG_IGN);
  signal(SIGPIPE, SIG_IGN);
}

int main(int count, char **words) {
  if (count != 3) {
    fputs("usage: shared-files BACKING MOUNTPOINT\n", stderr);
    return 2;
  }
  int root = open(words[1], O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (root < 0) fail(words[1]);
  prepare();
  struct fuse_args arguments = FUSE_ARGS_INIT(1, words);
  struct fuse_session *session = fuse_session_new(&arguments, &operations, sizeof operations, NULL);
  if (!session) return 1;
  const char *unusable = connect_to_kernel(session, words[2]);
  if (unusable) fail(unusable);
  start_inodes(root, session);
  start_making_room();
  puts("mounted");
  fflush(stdout);

  pthread_t thread;
  pthread_create(&thread, NULL, obey_and_end, words[2]);
  struct fuse_loop_config *loop = fuse_loop_cfg_create();
  fuse_loop_cfg_set_max_threads(loop, THREADS);
  fuse_loop_cfg_set_idle_threads(loop, THREADS);
  // Until somebody unmounts it.
  return fuse_session_loop_mt(session, loop) == 0 ? 0 : 1;
}
