import { expect, test } from "bun:test";
import { join } from "node:path";
import { stampBytes } from "../../src/native/stamp.ts";
import {
  accessKinds,
  header,
  headerBytes,
  openFlag,
  recordFlag,
  recordHeaderBytes,
  recordKinds,
} from "../../src/trace/layout.ts";
import { temporaryDirectory } from "../harness/temporary-directory.ts";

const source = `
#include <stdio.h>
#include "vt.h"
#define OFFSET(field) printf("%s %zu\\n", #field, offsetof(struct vt_header, field))
#define NUMBER(name) printf("%s %d\\n", #name, (int)name)
int main(void) {
  OFFSET(records_offset); OFFSET(incomplete); OFFSET(filter_error);
  printf("header %zu\\nrecord %zu\\nstamp %zu\\n", sizeof(struct vt_header), sizeof(struct vt_record), sizeof(struct vt_stamp));
  NUMBER(VT_READ); NUMBER(VT_PROBE); NUMBER(VT_LIST); NUMBER(VT_READLINK); NUMBER(VT_EXECUTE);
  NUMBER(VT_WRITE); NUMBER(VT_MAKE_DIRECTORY); NUMBER(VT_MAKE_LINK); NUMBER(VT_HARD_LINK);
  NUMBER(VT_RENAME); NUMBER(VT_REMOVE); NUMBER(VT_TRUNCATE); NUMBER(VT_METADATA);
  NUMBER(VT_LIST_MORE); NUMBER(VT_INCOMPLETE);
  NUMBER(VT_OPEN_READS); NUMBER(VT_OPEN_CREATES); NUMBER(VT_OPEN_EXCLUSIVE);
  NUMBER(VT_OPEN_TRUNCATES); NUMBER(VT_OPEN_APPENDS);
  NUMBER(VT_FOLLOWING); NUMBER(VT_HAS_STAMP); NUMBER(VT_HAS_LISTING); NUMBER(VT_LISTING_ENDS);
}`;

test("C and TypeScript agree on the layout of a channel", async () => {
  await using directory = await temporaryDirectory();
  const program = `${directory.path}/layout`;
  await Bun.write(`${program}.c`, source);
  const include = join(import.meta.dir, "../../native");
  expect(Bun.spawnSync(["cc", "-I", include, "-o", program, `${program}.c`]).exitCode).toBe(0);
  const inC = Object.fromEntries(
    Bun.spawnSync([program])
      .stdout.toString()
      .trimEnd()
      .split("\n")
      .map((line) => line.split(" "))
      .map(([name, value]) => [name, Number(value)]),
  );
  const kinds = accessKinds.flatMap((kind, number) =>
    kind === undefined ? [] : [[`VT_${kind.replace("-", "_").toUpperCase()}`, number]],
  );
  expect(inC).toEqual({
    records_offset: header.recordsOffset,
    incomplete: header.incomplete,
    filter_error: header.filterError,
    header: headerBytes,
    record: recordHeaderBytes,
    stamp: stampBytes,
    ...Object.fromEntries(kinds),
    VT_LIST: recordKinds.list,
    VT_LIST_MORE: recordKinds.listMore,
    VT_INCOMPLETE: recordKinds.incomplete,
    VT_OPEN_READS: openFlag.reads,
    VT_OPEN_CREATES: openFlag.creates,
    VT_OPEN_EXCLUSIVE: openFlag.exclusive,
    VT_OPEN_TRUNCATES: openFlag.truncates,
    VT_OPEN_APPENDS: openFlag.appends,
    VT_FOLLOWING: recordFlag.following,
    VT_HAS_STAMP: recordFlag.stamp,
    VT_HAS_LISTING: recordFlag.listing,
    VT_LISTING_ENDS: recordFlag.listingEnds,
  });
});
