import type { Readable } from 'node:stream';

/** Lets go of what is not sent after all: a stream would keep its file or its upstream open. */
export async function discardContent(content: unknown): Promise<void> {
  const body = content instanceof Response ? content.body : content;
  if (body instanceof ReadableStream) await body.cancel().catch(() => {});
  else (body as Partial<Readable> | null | undefined)?.destroy?.();
}
