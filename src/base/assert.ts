/** Marks a branch the type checker proves dead. Fails to compile when a union grows a member nobody handles. */
export function unreachable(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`);
}

/** States what must hold. A failure is a bug in vt, never the user's doing. */
export function assert(isTrue: boolean, message: string): asserts isTrue {
  if (!isTrue) throw new Error(`assertion failed: ${message}`);
}
