import { printable } from "../base/path.ts";
import { quote } from "../init/command-text.ts";
import type { Draft, ScriptEdit } from "../init/draft.ts";
import { configText, type SettledFile } from "../init/settle.ts";

/** What `vt init` tells: the files, what vt needs no telling, what it could not take over, and what to do now. */
export function describeInit(
  draft: Draft,
  files: readonly SettledFile[],
  state: "written" | "dry-run",
): string {
  const paragraphs = [
    files.length === 0 ? `${draft.source} has nothing that vt would have to be told.\n` : "",
    state === "written" ? writtenFiles(draft, files) : files.map(printedFile).join("\n"),
    observed(draft.observed),
    list("Not taken over, or worth knowing:", draft.remarks),
    edits(draft.edits),
    state === "written" && files.length > 0 ? nextStep(draft, files) : "",
  ];
  return paragraphs.filter((text) => text !== "").join("\n");
}

function pathOf({ owner }: SettledFile): string {
  return printable(owner.path === "" ? "vite-task.json" : `${owner.path}/vite-task.json`);
}

function writtenFiles({ source }: Draft, files: readonly SettledFile[]): string {
  const width = Math.max(0, ...files.map((file) => pathOf(file).length));
  const lines = files.map(
    (file) => `${pathOf(file).padEnd(width)}  ${printable([...file.tasks.keys()].join(", "))}`,
  );
  return list(`Written from ${source}:`, lines);
}

function printedFile(file: SettledFile): string {
  return `// ${pathOf(file)}\n${configText(file)}`;
}

function observed(settings: readonly string[]): string {
  if (settings.length === 0) return "";
  const names = settings.map((name) => `\`${name}\``).join(", ");
  return `Not needed, since vt sees what tasks read and write: ${names}.\nOf these, only what takes away (\`!…\`) was kept.\n`;
}

function edits(changes: readonly ScriptEdit[]): string {
  const owners = [...new Set(changes.map(({ owner }) => owner))];
  const lines = owners.flatMap((owner) => {
    const own = changes.filter((change) => change.owner === owner);
    const set = own.flatMap((change) =>
      change.text === undefined ? [] : [quote(`${keyOf(change)}=${change.text}`)],
    );
    const removed = own
      .filter(({ text }) => text === undefined)
      .map((change) => quote(keyOf(change)));
    const commands = [
      ...(set.length > 0 ? [`npm pkg set ${set.join(" ")}`] : []),
      ...(removed.length > 0 ? [`npm pkg delete ${removed.join(" ")}`] : []),
    ].join(" && ");
    return owner.path === "" ? [commands] : [`(cd ${quote(owner.path)} && ${commands})`];
  });
  return list("Change package.json, which vt leaves to you:", lines);
}

function keyOf({ script }: ScriptEdit): string {
  return /^[\w:-]+$/.test(script) ? `scripts.${script}` : `scripts[${script}]`;
}

function nextStep(draft: Draft, files: readonly SettledFile[]): string {
  const cached = files
    .flatMap(({ tasks }) => [...tasks])
    .flatMap(([name, { cache }]) => (cache === false ? [] : [name]));
  const first = cached.includes("build") ? "build" : cached[0];
  if (first === undefined) return "";
  // A script that still starts the other tool would be run as it stands.
  const when = draft.edits.length === 0 ? "Now" : "Then";
  return `${when} \`vt run -r ${printable(first)}\` runs, and a second time hits.\n`;
}

function list(title: string, lines: readonly string[]): string {
  if (lines.length === 0) return "";
  return `${[title, ...lines.map((line) => `  ${printable(line)}`)].join("\n")}\n`;
}
