/** Takes items off the queue and does the work for each, so many at once. What is put back meanwhile is taken again. */
export async function atOnce<T>(most: number, queue: T[], work: (item: T) => Promise<void>): Promise<void> {
  const worker = async (): Promise<void> => {
    while (queue.length > 0) await work(queue.shift() as T);
  };
  await Promise.all(Array.from({ length: most }, worker));
}
