import { expect, test } from "bun:test";
import { type WorkspacePath, workspacePath } from "../../src/base/path.ts";
import { hasMet, type Touches } from "../../src/execute/touches.ts";

const paths = (...names: readonly string[]): ReadonlySet<WorkspacePath> =>
  new Set(names.map(workspacePath));

const nothing: Touches = { touched: paths(), changed: paths(), removed: paths(), listed: paths() };

const cases: readonly {
  readonly name: string;
  readonly earlier: Partial<Touches>;
  readonly later: Partial<Touches>;
  readonly isMeeting: boolean;
}[] = [
  {
    name: "a step meets a later one that changes what it touched",
    earlier: { touched: paths("dist/a") },
    later: { changed: paths("dist/a") },
    isMeeting: true,
  },
  {
    name: "a step does not meet a later one that only looks at what it changed",
    earlier: { touched: paths("dist/a"), changed: paths("dist/a") },
    later: { touched: paths("dist/a") },
    isMeeting: false,
  },
  {
    name: "a step does not meet a later one that changes something beside what it touched",
    earlier: { touched: paths("dist", "dist/a") },
    later: { changed: paths("dist/b") },
    isMeeting: false,
  },
  {
    name: "a step that listed a folder meets a later one that puts something into it",
    earlier: { listed: paths("out") },
    later: { changed: paths("out/b") },
    isMeeting: true,
  },
  {
    name: "a step that listed a folder does not meet a later one that puts a hidden name into it",
    earlier: { listed: paths("") },
    later: { changed: paths("dist", "dist/a") },
    isMeeting: false,
  },
  {
    name: "a step meets a later one that moves a folder away in which it touched something",
    earlier: { touched: paths("dist/deep/a") },
    later: { changed: paths("dist", "out"), removed: paths("dist") },
    isMeeting: true,
  },
];

for (const { name, earlier, later, isMeeting } of cases) {
  test(name, () => {
    const isHidden = (_: WorkspacePath, hidden: string): boolean => hidden === "dist";
    expect(hasMet({ ...nothing, ...earlier }, { ...nothing, ...later }, isHidden)).toBe(isMeeting);
  });
}
