/** How much two samples of parts have in common. */
export interface Resemblance {
  /** 0 to 1. */
  readonly likeness: number;
  /** Parts that both have. */
  readonly shared: number;
}

/**
 * How alike two things are of which the smallest hashes of their parts are known (ascending): of the smallest hashes of both together
 * the share that both have, an unbiased estimate of the Jaccard index. Hashes for which `counts` does not hold are left out.
 * https://doi.org/10.1109/SEQUEN.1997.666900
 */
export function resemblance(
  a: readonly number[],
  b: readonly number[],
  counts: (hash: number) => boolean = () => true,
): Resemblance {
  const most = Math.min(a.length, b.length);
  let [i, j, shared, all] = [0, 0, 0, 0];
  for (let seen = 0; seen < most; seen++) {
    const [left, right] = [a[i] ?? Number.POSITIVE_INFINITY, b[j] ?? Number.POSITIVE_INFINITY];
    const hash = Math.min(left, right);
    if (left === hash) i++;
    if (right === hash) j++;
    if (!counts(hash)) continue;
    all++;
    if (left === right) shared++;
  }
  return { likeness: all === 0 ? 0 : shared / all, shared };
}
