/**
 * Items in their order, in groups of at most `bytesMax` together. An item that is larger than that is a
 * group of its own.
 */
export function groupsOf<Item>(
  items: readonly Item[],
  bytesOf: (item: Item) => number,
  bytesMax: number,
): readonly (readonly Item[])[] {
  const groups: Item[][] = [];
  let group: Item[] = [];
  let total = bytesMax + 1; // The first item begins a group.
  for (const item of items) {
    const bytes = bytesOf(item);
    if (total + bytes > bytesMax) {
      group = [];
      groups.push(group);
      total = 0;
    }
    group.push(item);
    total += bytes;
  }
  return groups;
}
