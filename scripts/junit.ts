export type TestCase = {
  readonly file: string;
  readonly name: string;
  readonly result: "passed" | "failed" | "skipped";
};

/** The tests of a report as `bun test --reporter=junit` writes it, in its order. */
export function readJunit(xml: string): readonly TestCase[] {
  const elements = xml.matchAll(/<testcase ([^>]*?)(?:\/>|>(.*?)<\/testcase>)/gs);
  return [...elements].map(([, attributes = "", body = ""]) => ({
    file: attribute(attributes, "file"),
    name: attribute(attributes, "name"),
    result: body.includes("<failure") ? "failed" : body.includes("<skipped") ? "skipped" : "passed",
  }));
}

function attribute(attributes: string, name: string): string {
  const text = new RegExp(`(?:^| )${name}="([^"]*)"`).exec(attributes)?.[1] ?? "";
  return text.replace(/&(\w+|#\d+);/g, (_, entity: string) => characterOf(entity));
}

const namedEntities: Readonly<Record<string, string>> = {
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
  amp: "&",
};

function characterOf(entity: string): string {
  return namedEntities[entity] ?? String.fromCodePoint(Number(entity.slice(1)));
}
