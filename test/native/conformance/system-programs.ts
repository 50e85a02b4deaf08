import { type Program, sources } from "./program.ts";

/** Commands that come with the system. */
export const systemPrograms: readonly Program[] = [
  {
    name: "bash",
    files: sources,
    command: [
      "bash",
      "-c",
      `[ -e missing ] || echo > made; for f in src/*.txt; do while read -r l; do echo "$l" >> out; done < $f; done
       cd src && [ -d ../src ] && source ./a.txt 2> /dev/null; (cd .. && cat made); exec cat ./b.txt`,
    ],
  },
  {
    name: "dash",
    files: sources,
    command: [
      "dash",
      "-c",
      "cat src/a.txt > copy; [ -e none ] || : > made; cd src; cat b.txt ../copy",
    ],
  },
  {
    name: "coreutils: cp, mv, rm, ls, ln",
    files: sources,
    command: [
      "sh",
      "-c",
      `mkdir -p d/e && cp -r src d/e/ && mv d/e/src d/moved && ls -lR d > listing && ln -s listing link &&
       ln listing hard && readlink link && rm -r d && touch src/a.txt && chmod 600 link && truncate -s 3 listing`,
    ],
  },
  {
    name: "coreutils: sort, install, realpath, stat",
    files: sources,
    command: [
      "sh",
      "-c",
      `mkdir real && ln -s real through && cp src/a.txt real/ && realpath through/a.txt && sort -o sorted src/a.txt src/b.txt &&
       install -D -m 755 sorted bin/deep/sorted && stat -c %s bin/deep/sorted && mktemp -p . && du -a . > sizes && cat through/a.txt`,
    ],
    varying: /tmp\.\w{10}/g,
  },
  {
    name: "find",
    files: sources,
    command: ["find", ".", "-type", "f", "-newer", "src/a.txt", "-delete"],
  },
  { name: "grep -r", files: sources, command: ["grep", "-rl", "a", "src", "missing", "."] },
  {
    name: "sed -i",
    files: sources,
    command: ["sed", "-i", "s/a/b/", "src/a.txt", "src/b.txt"],
    varying: /sed\w{6}/g,
  },
  {
    name: "awk",
    files: sources,
    command: ["awk", '{ print > "out-" FNR; getline < "none" }', "src/a.txt"],
  },
  {
    name: "diff -r",
    files: { ...sources, "other/a.txt": "x\n" },
    command: ["diff", "-r", "src", "other"],
  },
  {
    name: "tar",
    files: sources,
    command: [
      "sh",
      "-c",
      "tar czf all.tgz src && mkdir to && tar xzf all.tgz -C to && tar tf all.tgz",
    ],
  },
  {
    name: "git",
    needs: "git",
    files: sources,
    command: [
      "sh",
      "-c",
      `git init -q . && git add src && git -c user.name=n -c user.email=e commit -q -m m && git status --short &&
       git checkout -q -b other && git log --oneline && git diff HEAD && git stash list`,
    ],
    varying: /(?<=\.git\/)(t\w{6}$|objects\/.*)/g,
  },
  {
    name: "python3",
    needs: "python3",
    files: sources,
    command: [
      "/usr/bin/python3",
      "-c",
      `import os, shutil, glob, tempfile, pathlib, subprocess
open("src/a.txt").read(); os.makedirs("out/deep", exist_ok=True); shutil.copy("src/b.txt", "out/deep/b")
os.listdir("src"); os.path.exists("nope"); sorted(glob.glob("src/*.txt")); os.rename("out/deep/b", "out/b")
fd = os.open("src", os.O_RDONLY); os.stat("a.txt", dir_fd=fd); os.path.realpath("src/../src/a.txt")
subprocess.run(["cat", "src/a.txt"]); os.system("cat src/b.txt"); pathlib.Path("made").write_text("1")
os.unlink("out/b"); shutil.rmtree("out")`,
    ],
  },
  {
    name: "perl",
    needs: "perl",
    files: sources,
    command: [
      "perl",
      "-e",
      `open(F, "src/a.txt"); -e "none"; opendir(D, "src"); readdir(D); rename("src/a.txt", "z"); unlink("z"); mkdir("m")`,
    ],
  },
  {
    name: "gcc",
    files: {
      "main.c": '#include "part.h"\nint main(void) { return part(); }\n',
      "include/part.h": "int part(void);\n",
      "part.c": '#include "include/part.h"\nint part(void) { return 0; }\n',
    },
    command: ["gcc", "-Iabsent", "-Iinclude", "-o", "program", "main.c", "part.c"],
    varying: /home\/cc\w{6}/g,
  },
  {
    name: "make",
    needs: "make",
    files: {
      Makefile:
        "SOURCES := $(wildcard src/*.txt)\nall: out\nout: $(SOURCES)\n\tcat $^ > $@\n-include none.mk\n",
      ...sources,
    },
    command: ["make", "-j2"],
    isDirect: true, // By glob(), inside libc.
  },
  {
    name: "busybox, static",
    needs: "busybox",
    files: sources,
    command: [
      "busybox",
      "sh",
      "-c",
      "cat src/a.txt > copy; ls src; mkdir d; mv copy d/; rm -r d; [ -e none ] || touch made; find .",
    ],
    isDirect: true,
  },
];
