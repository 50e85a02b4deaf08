/** What a person types to name a task. */
export type TaskSpecifier = {
  /** Absent: of the package at hand. "" asks for the package that has no name. */
  readonly packageName?: string;
  readonly task: string;
};

/** `task`, `package#task` or `#task`, parted at the last `#`. */
export function parseTaskSpecifier(text: string): TaskSpecifier {
  const at = text.lastIndexOf("#");
  return at === -1 ? { task: text } : { packageName: text.slice(0, at), task: text.slice(at + 1) };
}
