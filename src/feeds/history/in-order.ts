/** What `work` makes of each item, in the order of the items; at most `most` are under way or wait to be taken. */
export async function* inOrder<Item, Result>(
  items: readonly Item[],
  most: number,
  work: (item: Item) => Promise<Result>,
): AsyncGenerator<Result> {
  const begun: Promise<Result>[] = [];
  let next = 0;
  const begin = () => {
    if (next === items.length) return;
    const result = work(items[next++]);
    // Whoever takes it hears of a failure; until then it is nobody's.
    result.catch(() => {});
    begun.push(result);
  };
  for (let i = 0; i < most; i++) begin();
  for (;;) {
    const result = begun.shift();
    if (result === undefined) return;
    const value = await result;
    yield value;
    begin();
  }
}
