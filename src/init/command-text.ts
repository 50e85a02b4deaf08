/** A command that gets `variables` in any case, as text of a script. */
export function withVariables(
  variables: readonly (readonly [name: string, value: string])[],
  command: string,
): string {
  if (variables.length === 0) return command;
  const assignments = variables.map(([name, value]) => `${name}=${quote(value)}`).join(" ");
  // In front of a list of commands, an assignment would hold for the first one only.
  const isSingle = !/[;&|<>()$`\n]/.test(command);
  return isSingle ? `${assignments} ${command}` : `export ${assignments}; ${command}`;
}

/** `text` as one word for a shell. */
export function quote(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
