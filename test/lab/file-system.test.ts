/**
 * What programs on two machines may expect of files that they share, shown by real programs. Each is asked of a plain directory
 * first, so what is expected here is what a file system does; then of two mounts of the lab's shared file system.
 */
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { type SharedFiles, sharedFiles } from "@warden/lab/files";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

let folder: string;
let shared: SharedFiles;
const places: Record<string, { one: string; two: string }> = {};
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "warden-files-"));
  shared = await sharedFiles({ folder, owner: { uid: 33, gid: 33 }, within: [] });
  const plain = join(folder, "plain");
  mkdirSync(plain);
  places["a plain directory"] = { one: plain, two: plain };
  places["two mounts"] = { one: await shared.mountFor("one"), two: await shared.mountFor("two") };
});
afterAll(async () => {
  await shared?.end();
  rmSync(folder, { recursive: true, force: true });
});

/** Scripts of bash, in a new folder at $one and $two, and what they print. */
const cases: readonly [what: string, script: string, prints: string][] = [
  [
    "a file is read by the other as it was written, and rewritten in place",
    `echo short >$one/f; cat $two/f; stat -c %s $two/f; echo longer than before >$one/f; cat $two/f; echo tiny >$one/f; cat $two/f
     echo tidy >$one/f; cat $two/f; head -c 3000000 /dev/urandom >$one/f; cmp $one/f $two/f && echo same`,
    "short\n6\nlonger than before\ntiny\ntidy\nsame",
  ],
  [
    "nothing that was believed of a file is believed of it once it is opened or locked",
    `/usr/bin/python3 -c '
import fcntl, os, sys
one, two = (os.path.join(place, "f") for place in sys.argv[1:])
def write(text):
    with open(one, "w") as file: file.write(text)
def read():
    file = os.open(two, os.O_RDONLY)
    print(os.read(file, 99).decode())
    os.close(file)
write("short")
read()
print(os.stat(two).st_size)
write("longer than before")
read()
print(os.stat(two).st_size)
write("other text, as long")
read()
held = os.open(two, os.O_RDONLY)
for text in "first", "again", "third":
    with open(one, "r+") as file: file.write(text)
    fcntl.flock(held, fcntl.LOCK_SH)
    print(os.pread(held, 5, 0).decode())
    os.stat(two)
    fcntl.flock(held, fcntl.LOCK_UN)' $one $two`,
    "short\n5\nlonger than before\n18\nother text, as long\nfirst\nagain\nthird",
  ],
  [
    "a file renamed over another is the one that the other opens next",
    "echo old >$one/f; cat $two/f; echo new >$one/g; mv $one/g $one/f; cat $two/f; echo newest >$two/g; mv $two/g $two/f; cat $one/f; ls $one",
    "old\nnew\nnewest\nf",
  ],
  [
    "an exclusive name is made once, however many try",
    `for place in $one $two $one $two; do php -r 'for ($i = 0; $i < 100; $i++) { if (@fopen("$argv[1]/$i", "x")) { echo "made\n"; } }' $place & done | wc -l; wait`,
    "100",
  ],
  [
    "a lock excludes the other, for as long as it is held",
    "touch $one/f; flock $one/f sh -c 'flock --nonblock $two/f true || echo taken'; flock --nonblock $two/f echo free",
    "taken\nfree",
  ],
  [
    "shared locks exclude exclusive ones alone",
    "touch $one/f; flock --shared $one/f sh -c 'flock --shared --nonblock $two/f echo shared; flock --nonblock $two/f true || echo taken'",
    "shared\ntaken",
  ],
  [
    "who holds the lock sees what was written before, also in a file that was open already",
    `echo 0 >$one/f
     for place in $one $two $one $two; do php -r '
       $file = fopen("$argv[1]/f", "r+");
       for ($i = 0; $i < 50; $i++) {
         flock($file, LOCK_EX);
         rewind($file);
         $next = (int) fgets($file) + 1;
         ftruncate($file, 0);
         rewind($file);
         fwrite($file, $next);
         fflush($file);
         flock($file, LOCK_UN);
       }' $place & done; wait; cat $one/f`,
    "200",
  ],
  [
    "a lock that is waited for can be given up, and goes with a process that is killed",
    `touch $one/f; flock $one/f sleep 120 & holder=$!
     until flock --nonblock $two/f true; [ $? = 1 ]; do sleep 0.01; done
     timeout 0.2 flock $two/f true || echo $?
     pkill -KILL -P $holder; kill -KILL $holder; flock $two/f echo free`,
    "124\nfree",
  ],
  [
    "hundreds who wait for a lock keep nobody else from anything",
    `touch $one/f $one/other; flock $one/f sleep 120 & holder=$!
     until flock --nonblock $two/f true; [ $? = 1 ]; do sleep 0.01; done
     /usr/bin/python3 -c '
import fcntl, sys, threading
def wait():
    with open(sys.argv[1]) as file: fcntl.flock(file, fcntl.LOCK_EX)
threads = [threading.Thread(target=wait) for _ in range(600)]
for each in threads: each.start()
print("waiting", flush=True)
for each in threads: each.join()
print("all had it")' $two/f | { read word; echo $word; stat -c %s $two/other; pkill -KILL -P $holder; cat; }`,
    "waiting\n0\nall had it",
  ],
  [
    "locks of a range exclude the other, and end when the file is closed",
    `echo 0123456789 >$one/f; /usr/bin/python3 -c '
import fcntl, os, sys
one, two = (os.path.join(place, "f") for place in sys.argv[1:])
def other(path, start):
    child = os.fork()
    if child == 0:
        try: fcntl.lockf(open(path, "r+"), fcntl.LOCK_EX | fcntl.LOCK_NB, 5, start)
        except OSError: os._exit(1)
        os._exit(0)
    return ["free", "taken"][os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])]
file = open(one, "r+")
fcntl.lockf(file, fcntl.LOCK_EX, 5, 0)
print(other(two, 0), other(two, 5), other(one, 0))
open(one).close()
print(other(two, 0))
fcntl.lockf(file, fcntl.LOCK_EX, 5, 0)
child = os.fork()
if child == 0:
    waits = open(two, "r+")
    fcntl.lockf(waits, fcntl.LOCK_EX, 5, 0)
    os._exit(3)
fcntl.lockf(file, fcntl.LOCK_UN, 5, 0)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))' $one $two`,
    "taken free taken\nfree\n3",
  ],
  [
    "a file that is mapped has what the other wrote",
    `echo first >$one/f; read='import mmap, sys
with open(sys.argv[1]) as file: print(mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)[:].decode().strip())'
     /usr/bin/python3 -c "$read" $two/f; echo other >$one/f; /usr/bin/python3 -c "$read" $two/f; cp /bin/echo $one/run; $two/run runs`,
    "first\nother\nruns",
  ],
  [
    "a file without a name is still written and read by who has it open",
    "exec 3<>$one/f 4<$one/f; rm $one/f; echo mine >&3; cat <&4; exec 3<>$one/g 4<$one/g; rm $two/g; echo removed >&3; cat <&4; ls $one",
    "mine\nremoved",
  ],
  [
    "who appends does so at the end, wherever that is",
    `for place in $one $two; do for i in $(seq 100); do echo "a line of $i" >>$place/f; done & done; wait
     wc -l <$one/f; grep -c '^a line of [0-9]*$' $two/f; exec 3>>$one/g; echo a >&3; stat $one/g >/dev/null; echo b >>$two/g; echo c >&3; tr '\\n' ' ' <$two/g`,
    "200\n200\na b c ",
  ],
  [
    "a file is cut, grown and written anywhere",
    `echo 0123456789 >$one/f; truncate --size 4 $one/f; cat $two/f; truncate --size 6 $two/f; od -An -c $one/f
     printf X | dd of=$one/f bs=1 seek=2 conv=notrunc status=none; head -c 4 $two/f; dd if=$two/f iflag=direct bs=4096 status=none | wc -c; sync $one/f`,
    "0123   0   1   2   3  \\0  \\0\n01X36",
  ],
  [
    "links of both kinds lead to the file",
    "echo text >$one/f; ln -s f $one/soft; ln $one/f $one/hard; readlink $two/soft; cat $two/soft; stat -c %h $two/hard; ln $two/f $two/hard 2>/dev/null || echo there; ls -i $two | awk '{print $1}' | sort -u | wc -l",
    "f\ntext\n2\nthere\n2",
  ],
  [
    "attributes are those that were given",
    "touch $one/f; chmod 640 $one/f; chown 33:7 $one/f; touch -d @1000000000.5 $one/f; stat -c '%a %u:%g %.1Y' $two/f; chown -h 33 $one/f; mkfifo $one/p; stat -c %F $two/p; ln -s nowhere $one/s; chown -h 33 $one/s; touch -h -d @5 $one/s; stat -c '%u %Y' $two/s",
    "640 33:7 1000000000.5\nfifo\n33 5",
  ],
  [
    "what somebody makes is theirs, with their umask, and only if they may",
    `as() { setpriv --reuid 33 --regid 33 "$@"; }; chmod 755 $one; mkdir -m 700 $one/theirs; mkdir $one/own; chown 33:33 $one/own
     as --clear-groups sh -c 'umask 007; mkdir $one/own/d; touch $one/own/d/f; ln -s f $one/own/d/s; touch $one/theirs/x $one/x' 2>/dev/null
     stat -c '%n %a %u:%g' $two/own/d $two/own/d/f $two/own/d/s | sed "s|$two/own/||"; ls $two; touch $two/g; chmod 600 $two/g; as --clear-groups cat $two/g 2>/dev/null || echo not readable
     mkdir -m 770 $one/group; chown 0:12 $one/group; as --clear-groups touch $two/group/f 2>/dev/null || echo not in the group
     as --groups 12 touch $two/group/f && stat -c %u:%g $two/group/f`,
    "d 770 33:33\nd/f 660 33:33\nd/s 777 33:33\nown\ntheirs\nnot readable\nnot in the group\n33:33",
  ],
  [
    "a setgid directory gives its group on, and nobody writes to a setuid program unnoticed",
    `chmod 777 $one; mkdir $one/d; chown 33:12 $one/d; chmod 2777 $one/d; mkdir $one/d/sub; touch $one/d/sub/f
     setpriv --reuid 33 --regid 33 --clear-groups touch $two/d/g; stat -c '%a %g' $two/d/sub $two/d/sub/f $two/d/g
     cp /bin/true $one/p; chmod 4777 $one/p; setpriv --reuid 33 --regid 33 --clear-groups sh -c 'echo >>$two/p'; stat -c %a $two/p
     mkdir $one/t; chmod 1777 $one/t; touch $one/t/f; setpriv --reuid 33 --regid 33 --clear-groups rm -f $two/t/f 2>/dev/null || echo sticky`,
    "2755 12\n644 12\n644 12\n777\nsticky",
  ],
  [
    "a directory of thousands is listed whole, and emptied while it is listed",
    "mkdir $one/d; php -r 'for ($i = 0; $i < 3000; $i++) touch(\"$argv[1]/a-name-of-some-length-$i\");' $one/d; ls $two/d | sort -u | wc -l; rmdir $two/d 2>/dev/null || echo not empty; find $two/d -type f -delete; ls $one/d | wc -l; rmdir $one/d; [ -e $one/d ] || echo gone",
    "3000\nnot empty\n0\ngone",
  ],
  ["the room is that of the disk", 'stat -f -c "%b %S" $one $two "$root" | sort -u | wc -l', "1"],
];

describe.each(["a plain directory", "two mounts"])("in %s", (name) => {
  it.each(cases)("%s", async (what, script, prints) => {
    const place = places[name];
    const own = what.replaceAll(/\W/g, "").slice(0, 40);
    const env = {
      PATH: process.env["PATH"],
      root: folder,
      one: join(place?.one ?? "", own),
      two: join(place?.two ?? "", own),
    };
    mkdirSync(env.one);
    const { stdout } = await promisify(execFile)("bash", ["-uc", script], {
      env,
      timeout: 50_000,
      killSignal: "SIGKILL",
    });
    expect(stdout.replace(/\n$/, "")).toBe(prints);
  });
});
