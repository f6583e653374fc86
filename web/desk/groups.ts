/** Things in their groups, in the order in which each group first appears. */
export function grouped<T>(things: readonly T[], nameOf: (thing: T) => string): [string, T[]][] {
  const groups = new Map<string, T[]>();
  for (const thing of things) {
    const group = groups.get(nameOf(thing));
    if (group) group.push(thing);
    else groups.set(nameOf(thing), [thing]);
  }
  return [...groups];
}
