export type Task = {
  readonly title: string;
  readonly minutes: number;
  readonly isDone: boolean;
};

export function parseTask(line: string): Task {
  const [, mark = " ", title = "", minutes = "0"] = /^\[(.)\] (.+?)(?: (\d+)m)?$/.exec(line) ?? [];
  return { title, minutes: Number(minutes), isDone: mark === "x" };
}
