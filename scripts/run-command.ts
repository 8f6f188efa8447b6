import { execFile } from 'node:child_process';

/** What a program wrote and how it ended. */
export interface CommandResult {
  readonly exitCode: number;
  /** Both of its streams. */
  readonly output: string;
}

/** Runs a program to its end. One that cannot be started, or is killed, rejects. */
export function tryCommand(program: string, args: readonly string[], cwd: string): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    execFile(program, args, { cwd, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      if (error && typeof error.code !== 'number') reject(error);
      else resolve({ exitCode: error ? Number(error.code) : 0, output: stdout + stderr });
    });
  });
}

/** The output of a program that succeeds; anything else rejects with what it wrote. */
export async function runCommand(program: string, args: readonly string[], cwd: string): Promise<string> {
  const { exitCode, output } = await tryCommand(program, args, cwd);
  if (exitCode !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${exitCode}:\n${output}`);
  return output;
}
