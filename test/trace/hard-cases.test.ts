import { expect, test } from "bun:test";
import { chmod, writeFile } from "node:fs/promises";
import { encodePath } from "../../src/base/path-bytes.ts";
import { temporaryDirectory } from "../harness/temporary-directory.ts";
import { program, world } from "./own-program.ts";
import { cleanEnvironment, compileC, library, lines, runTraced } from "./run-traced.ts";

const modes = ["auto", "full", "preload"] as const;

test.each(modes)(
  "in mode %s a program run with an empty environment stays traced",
  async (mode) => {
    await using directory = await temporaryDirectory();
    await world(directory.path);
    const { accesses, stdout } = await runTraced({
      directory: directory.path,
      mode,
      command: ["env", "-i", "/bin/sh", "-c", "exec /usr/bin/env -i /bin/cat dir/file"],
    });
    expect(stdout).toBe("content");
    expect(lines(accesses)).toContain("read ok dir/file");
  },
);

test.each(modes)(
  "in mode %s closing every descriptor before running a program loses nothing",
  async (mode) => {
    await using directory = await temporaryDirectory();
    await world(directory.path);
    const path = await program(
      directory.path,
      `for (int fd = 3; fd < 20000; fd++) close(fd);
     close(open("dir/file", O_RDONLY)); execl("/bin/cat", "cat", "dir/other", (char *)0);`,
    );
    const { accesses } = await runTraced({ directory: directory.path, mode, command: [path] });
    expect(lines(accesses)).toContain("read ok dir/file");
    expect(lines(accesses)).toContain("read missing dir/other");
  },
);

test.each([
  { linking: "dynamic", flags: [] },
  { linking: "static", flags: ["-static"] },
])("a $linking program that opens something by its handle is named", async ({ flags }) => {
  await using directory = await temporaryDirectory();
  const path = await program(
    directory.path,
    `struct { struct file_handle head; char rest[MAX_HANDLE_SZ]; } handle = {{MAX_HANDLE_SZ}};
     int mount; name_to_handle_at(AT_FDCWD, "dir/file", &handle.head, &mount, 0);
     close(open_by_handle_at(AT_FDCWD, &handle.head, O_RDONLY));`,
    flags,
  );
  const { trace } = await runTraced({ directory: directory.path, command: [path] });
  expect(trace.incomplete).toEqual([{ kind: "by-handle", program: path }]);
});

test.each(modes)(
  "in mode %s a vfork child that changes its directory does not confuse its parent",
  async (mode) => {
    await using directory = await temporaryDirectory();
    await world(directory.path);
    const path = await program(
      directory.path,
      `for (int i = 0; i < 50; i++) {
       if (vfork() == 0) { chdir("dir"); execl("/bin/cat", "cat", "file", (char *)0); _exit(9); }
       wait(0); }
     return access("dir/parent", F_OK) == 0;`,
    );
    const { accesses, code } = await runTraced({
      directory: directory.path,
      mode,
      command: [path],
    });
    expect(code).toBe(0);
    expect(lines(accesses)).toContain("read ok dir/file");
    expect(lines(accesses)).toContain("probe missing dir/parent");
  },
);

test.each(modes)("in mode %s a name that is no text keeps its bytes", async (mode) => {
  await using directory = await temporaryDirectory();
  const path = await program(
    directory.path,
    `close(open("\\xff\\xfe\\n", O_CREAT | O_WRONLY, 0600)); return 0;`,
  );
  const { accesses } = await runTraced({ directory: directory.path, mode, command: [path] });
  const write = accesses.find(({ kind }) => kind === "write");
  expect([...encodePath(write?.path ?? "")]).toEqual([0xff, 0xfe, 0x0a]);
});

test.each(modes)(
  "in mode %s another library's constructor that comes first is traced, and neither is disturbed",
  async (mode) => {
    await using directory = await temporaryDirectory();
    await world(directory.path);
    const first = await compileC(directory.path, {
      name: "first.so",
      source: `#include <fcntl.h>
#include <unistd.h>
__attribute__((constructor)) static void early(void) { close(open("dir/file", O_RDONLY)); }`,
      flags: ["-shared", "-fPIC"],
    });
    const { accesses, stdout, stderr } = await runTraced({
      directory: directory.path,
      mode,
      command: ["/bin/sh", "-c", "echo $LD_PRELOAD"],
      environment: { ...cleanEnvironment(), LD_PRELOAD: first },
    });
    expect(stderr).toBe("");
    expect(stdout.trim()).toBe(`${first}:${library().path}`);
    expect(lines(accesses)).toContain("read ok dir/file");
  },
);

test.each(modes)(
  "in mode %s what a failed call leaves in errno is what it would have been",
  async (mode) => {
    await using directory = await temporaryDirectory();
    await world(directory.path);
    const command = [
      "/bin/sh",
      "-c",
      "cat none dir; mkdir dir; rmdir dir; cd dir/file; ./none",
    ] as const;
    const bare = Bun.spawnSync([...command], { cwd: directory.path, env: cleanEnvironment() });
    const { code, stderr } = await runTraced({ directory: directory.path, mode, command });
    expect(stderr).toBe(bare.stderr.toString());
    expect(code).toBe(bare.exitCode);
  },
);

test.each(modes)(
  "in mode %s a full channel makes the trace incomplete and the program none the wiser",
  async (mode) => {
    await using directory = await temporaryDirectory();
    const path = await program(
      directory.path,
      `char name[64]; int missing = 0;
     for (int i = 0; i < 40000; i++) { sprintf(name, "a-name-that-is-missing-%d", i); missing += access(name, F_OK); }
     printf("%d", missing); return 0;`,
    );
    const { trace, stdout } = await runTraced({
      directory: directory.path,
      mode,
      command: [path],
      channelBytesMax: 2 * 1024 * 1024,
    });
    expect(stdout).toBe("-40000");
    expect(trace.incomplete).toContainEqual({ kind: "channel-full" });
    expect(trace.accesses.length).toBeGreaterThan(1000);
  },
);

const named = [
  ...modes.map((mode) => ({ mode, by: "name" })),
  ...modes.map((mode) => ({ mode, by: "path" })),
];

test.each(named)(
  "in mode $mode the same call by $by again adds nothing, with another result it does",
  async ({ mode, by }) => {
    await using directory = await temporaryDirectory();
    const x = by === "name" ? "x" : `${directory.path}/x`;
    const path = await program(
      directory.path,
      `for (int i = 0; i < 1000; i++) { access("${x}", F_OK); mkdir("d", 0777); }
     close(open("x", O_CREAT | O_WRONLY, 0600));
     for (int i = 0; i < 1000; i++) access("${x}", F_OK);
     for (int i = 0; i < 1000; i++) close(open("${x}", O_RDONLY));
     unlink("x"); access("${x}", F_OK); return 0;`,
    );
    const { accesses } = await runTraced({ directory: directory.path, mode, command: [path] });
    expect(lines(accesses.filter(({ kind }) => kind !== "execute"))).toEqual([
      "probe missing x",
      "make-directory ok d",
      "make-directory refused d",
      "write ok x",
      "probe ok x",
      "read ok x",
      "remove ok x",
      "probe missing x",
    ]);
  },
);

const linked = [
  ...modes.map((mode) => ({ mode, linking: "dynamic" })),
  { mode: "auto" as const, linking: "static" },
];

test.each(linked)(
  "in mode $mode what a $linking program does below a directory, or a link, that took the place of another is recorded again",
  async ({ mode, linking }) => {
    await using directory = await temporaryDirectory();
    const made = await program(
      directory.path,
      `char *made[] = {"one", "two"};
     for (int i = 0; i < 2; i++) {
       mkdir("stage", 0700); close(open("stage/file", O_CREAT | O_WRONLY, 0600));
       rename("stage", made[i]);
     }
     for (int i = 0; i < 2; i++) {
       symlink(made[i], "link"); close(open("link/more", O_CREAT | O_WRONLY, 0600)); unlink("link");
     }
     for (int i = 0; i < 2; i++) {
       symlink(made[i], "new"); rename("new", "link"); close(open("link/most", O_CREAT | O_WRONLY, 0600));
     }
     return 0;`,
      linking === "static" ? ["-static"] : [],
    );
    const { accesses } = await runTraced({ directory: directory.path, mode, command: [made] });
    const written = accesses.filter(({ kind }) => kind === "write").map(({ path }) => path);
    expect(written).toEqual(
      ["stage/file", "link/more", "link/most"].flatMap((name) => [name, name]),
    );
  },
);

test.each(modes)(
  "in mode %s a temporary name that is used again is recorded again, with all that becomes of it",
  async (mode) => {
    await using directory = await temporaryDirectory();
    const path = await program(
      directory.path,
      `for (char *name = "abc"; *name; name++) {
         char target[] = {*name, 0};
         close(open("part", O_CREAT | O_WRONLY | O_TRUNC, 0600)); rename("part", target);
       }
       return 0;`,
      mode === "full" ? ["-static"] : [],
    );
    const { accesses } = await runTraced({ directory: directory.path, mode, command: [path] });
    const result = mode === "full" ? "unknown" : "ok";
    expect(lines(accesses.filter(({ kind }) => kind !== "execute"))).toEqual(
      ["a", "b", "c"].flatMap((target) => [
        `write ${result} part`,
        "read ok part",
        `rename ${result} part → ${target}`,
      ]),
    );
  },
);

test.each(modes)(
  "in mode %s a script is recorded with the interpreters that run it",
  async (mode) => {
    await using directory = await temporaryDirectory();
    await writeFile(`${directory.path}/script`, "#!/usr/bin/env sh\ntrue\n");
    await chmod(`${directory.path}/script`, 0o755);
    const { accesses } = await runTraced({
      directory: directory.path,
      mode,
      command: ["./script"],
    });
    const programs = accesses.filter(({ kind, result }) => kind === "execute" && result === "ok");
    expect(programs.map(({ path }) => path)).toEqual(["script", "/usr/bin/env", "/usr/bin/sh"]);
  },
);

test.each(modes)(
  "in mode %s a write outside the roots is recorded, a look is not",
  async (mode) => {
    await using directory = await temporaryDirectory();
    await using elsewhere = await temporaryDirectory();
    const file = `${elsewhere.path}/file`;
    const { accesses } = await runTraced({
      directory: directory.path,
      mode,
      command: [
        "/bin/sh",
        "-c",
        `cat ${file} 2> /dev/null; echo > ${file}; cat ${file} > /dev/null`,
      ],
    });
    const outside = accesses.filter(({ kind, path }) => kind !== "execute" && path.startsWith("/"));
    expect(lines(outside)).toEqual([`write ok ${file}`]);
  },
);

test.each(modes)(
  "in mode %s a program has the descriptors, the masks and the limits that it would have untraced",
  async (mode) => {
    await using directory = await temporaryDirectory();
    const path = await program(
      directory.path,
      `for (int fd = 3; fd < 1024; fd++) if (fcntl(fd, F_GETFD) >= 0) printf("%d ", fd);
     int fd = open("new", O_CREAT | O_WRONLY, 0666); struct stat status; fstat(fd, &status);
     printf("%d %o", fd, status.st_mode & 0777); fflush(stdout);
     execl("/bin/sh", "sh", "-c", "umask; grep ^Sig[BIC] /proc/self/status; ulimit -a", (char *)0);`,
    );
    const bare = Bun.spawnSync([path], { cwd: directory.path, env: cleanEnvironment() });
    const { stdout } = await runTraced({ directory: directory.path, mode, command: [path] });
    expect(stdout).toBe(bare.stdout.toString());
  },
);

test("without a filter a static program makes the trace incomplete, and is named", async () => {
  await using directory = await temporaryDirectory();
  const path = await program(directory.path, "return 0;", ["-static"]);
  const { trace } = await runTraced({
    directory: directory.path,
    mode: "preload",
    command: ["sh", "-c", path],
  });
  expect(trace.incomplete).toEqual([{ kind: "untraced-program", program: path }]);
});

test("a static program that runs others stays traced", async () => {
  await using directory = await temporaryDirectory();
  await world(directory.path);
  const path = await program(
    directory.path,
    `char *none[] = {0}; char *arguments[] = {"cat", "dir/file", 0};
     access("dir/seen", F_OK); execve("/bin/cat", arguments, none); return 1;`,
    ["-static"],
  );
  const { accesses, trace } = await runTraced({ directory: directory.path, command: [path] });
  expect(lines(accesses)).toContain("probe missing dir/seen");
  expect(lines(accesses)).toContain("execute ok /bin/cat");
  expect(lines(accesses)).toContain("read unknown dir/file");
  expect(trace.incomplete).toEqual([]);
});

const blinding = [
  {
    what: "exchanges two directories",
    body: `mkdir("a", 0777); mkdir("b", 0777); return syscall(SYS_renameat2, AT_FDCWD, "a", AT_FDCWD, "b", 2);`,
  },
  {
    what: "opens a path as if a directory were the root",
    body: `unsigned long how[3] = {O_RDONLY, 0, 0x10};
      return syscall(437, open("dir", O_DIRECTORY), "/file", how, sizeof how) < 0;`,
  },
];

test.each(blinding.flatMap((row) => modes.map((mode) => ({ ...row, mode }))))(
  "in mode $mode a program that $what is named",
  async ({ body, mode }) => {
    await using directory = await temporaryDirectory();
    await world(directory.path);
    const path = await program(directory.path, body);
    const { code, trace } = await runTraced({ directory: directory.path, mode, command: [path] });
    expect(code).toBe(0);
    expect(trace.incomplete).toContainEqual({ kind: "moved-root", program: path });
  },
);
