/**
 * The results of steps that run at once. Where one fails, it still waits for the others, so that nothing goes on behind
 * the error, and then throws the first. A step that is not needed may be `false`.
 */
export async function together<T>(...steps: readonly T[]): Promise<Array<Awaited<T>>> {
  const results = await Promise.allSettled(steps);
  return results.map((result) => {
    if (result.status === 'rejected') throw result.reason;
    return result.value;
  });
}
