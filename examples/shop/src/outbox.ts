import { appendFile, readFile } from 'node:fs/promises';

/** Stands for an e-mail. `about` is the id of the cart that it reminds of. */
export interface Mail {
  readonly about: string;
  readonly to: string;
  readonly text: string;
}

/** "Sends" a mail: appends it to a file, as one line and in one write, which a kill cannot cut in two. */
export async function send(outbox: string, mail: Mail): Promise<void> {
  await appendFile(outbox, `${JSON.stringify(mail)}\n`, { flush: true });
}

export async function wasSent(outbox: string, about: string): Promise<boolean> {
  const lines = await readFile(outbox, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  return lines.includes(`"about":${JSON.stringify(about)}`);
}
