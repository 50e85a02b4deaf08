// `npm run conformance`: what the tracer sees beside what strace sees, program by program.
// Arguments: parts of the names of the programs that are wanted.
import type { Comparison, Outcome } from "../test/native/conformance/compare.ts";
import {
  faults,
  programs,
  programsMin,
  runConformance,
} from "../test/native/conformance/conformance.ts";

const parts = process.argv.slice(2);
const wanted = programs.filter(
  ({ name }) => parts.length === 0 || parts.some((part) => name.includes(part)),
);
let failed = 0;
let count = 0;
console.log(
  row(["program", "read", "probe", "list", "execute", "change", "auto", "full", "preload"]),
);
await runConformance(wanted, (outcome) => {
  count += 1;
  show(outcome);
});
console.log(`\n${count} programs, ${failed} with differences`);
const isEnough = parts.length > 0 || count >= programsMin;
if (!isEnough) console.log(`at least ${programsMin} programs are wanted`);
process.exitCode = failed === 0 && isEnough ? 0 : 1;

function show(outcome: Outcome): void {
  const [first] = outcome.comparisons;
  const found = faults(outcome);
  if (found.length > 0) failed += 1;
  const counts = first === undefined ? [] : Object.values(first.expected);
  console.log(
    row([outcome.program.name, ...counts.map(String), ...outcome.comparisons.map(recall)]),
  );
  for (const fault of found) console.log(`    ${fault}`);
}

/** How much of what strace saw, and what was known to be missing. */
function recall({ expected, missed, strangers, incomplete }: Comparison): string {
  const total = Object.values(expected).reduce((sum, each) => sum + each, 0);
  const percent = (100 * (total - missed.length)) / total;
  const text = `${missed.length === 0 ? "100" : percent.toFixed(1)} %`;
  const falseText = strangers.length === 0 ? "" : ` +${strangers.length}`;
  return `${text}${falseText}${incomplete.length > 0 ? " said" : ""}`;
}

function row([name = "", ...cells]: readonly string[]): string {
  return name.padEnd(42) + cells.map((cell) => cell.padStart(12)).join("");
}
