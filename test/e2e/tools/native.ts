import type { Tool } from "./tool.ts";

const goModule = {
  files: {
    "go.mod": "module example.com/word\n\ngo 1.21\n",
    "main.go": 'package main\n\nimport "fmt"\n\nfunc main() {\n\tfmt.Println(word())\n}\n',
    "word.go": 'package main\n\nfunc word() string {\n\treturn "alpha"\n}\n',
    "word_test.go": `package main

import "testing"

func TestWord(t *testing.T) {
	if len(word()) != 5 {
		t.Fatal(word())
	}
	t.Log(word())
}
`,
  },
  edit: { path: "word.go", from: "alpha", to: "omega" },
  needs: "go",
} as const;

/** Languages that bring compilers of their own. */
export const native: readonly Tool[] = [
  { name: "gofmt", command: "gofmt word.go", makes: [], ...goModule },
  {
    name: "make",
    command: "make",
    makes: ["out"],
    needs: "make",
    files: {
      Makefile: `out/main: out/main.o out/word.o
	cc -o $@ $^
out/%.o: src/%.c src/word.h
	mkdir -p out
	cc -c -o $@ $<
`,
      "src/main.c":
        '#include <stdio.h>\n#include "word.h"\nint main(void) { puts(word()); return 0; }\n',
      "src/word.c": '#include "word.h"\nconst char *word(void) { return "alpha"; }\n',
      "src/word.h": "const char *word(void);\n",
    },
    edit: { path: "src/word.c", from: "alpha", to: "omega" },
  },
];

/** Without anything in the caches of their own, these compile a library first. */
export const slowNative: readonly Tool[] = [
  { name: "go build", command: "go build -o out/word .", makes: ["out"], ...goModule },
  { name: "go test", command: "go test -v ./...", makes: [], ...goModule },
  {
    name: "cargo build",
    command: "cargo build",
    makes: ["target"],
    needs: "cargo",
    home: [".rustup"],
    files: {
      "Cargo.toml": '[package]\nname = "word"\nversion = "0.1.0"\nedition = "2021"\n',
      "Cargo.lock": 'version = 3\n\n[[package]]\nname = "word"\nversion = "0.1.0"\n',
      "src/main.rs": 'mod word;\nfn main() {\n    println!("{}", word::WORD);\n}\n',
      "src/word.rs": 'pub const WORD: &str = "alpha";\n',
    },
    edit: { path: "src/word.rs", from: "alpha", to: "omega" },
  },
];
