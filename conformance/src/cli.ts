#!/usr/bin/env node
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { checkConformance } from './check-conformance.ts';
import { findTargets } from './find-targets.ts';
import type { ConformanceReport } from './report.ts';
import { json } from './reporters/json.ts';
import { markdown } from './reporters/markdown.ts';
import { tap } from './reporters/tap.ts';
import { text } from './reporters/text.ts';
import { rules } from './rules/index.ts';
import { chosen, type RuleChoice } from './run/conformance-run.ts';
import type { ConformanceTarget } from './target.ts';

const usage = `Usage: stet-conformance <module> [options]

Runs the rules of the store contract against every target that the module exports.

  --reporter <name>  text, json, markdown or tap (default: text)
  --only <rules>     rules or sections, separated by commas: 3.1,7
  --level MUST       leaves the SHOULD rules out
  --output <file>    writes the report there instead of to the standard output
  --help             shows this

Exit code: 0 all MUST rules are kept, 1 one is broken, 2 the command was not understood.
CONFORMANCE_TIME_SCALE=3 gives a slow machine three times as long.
`;

const reporters: Readonly<Record<string, (report: ConformanceReport) => string>> = { text, json, markdown, tap };

/** A command that cannot be done: its message is for whoever typed it. */
function misuse(message: string): never {
  process.stderr.write(`stet-conformance: ${message}\n\n${usage}`);
  process.exit(2);
}

function parsed() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        reporter: { type: 'string', default: 'text' },
        only: { type: 'string' },
        level: { type: 'string' },
        output: { type: 'string' },
        help: { type: 'boolean' },
      },
    });
  } catch (error) {
    return misuse((error as Error).message);
  }
}

function choiceOf({ only, level }: { only?: string | undefined; level?: string | undefined }): RuleChoice {
  if (level !== undefined && level !== 'MUST' && level !== 'SHOULD') misuse(`there is no level ${level}`);
  const choice: RuleChoice = { ...(only && { only: only.split(',') }), ...(level && { level }) };
  try {
    chosen(rules, choice);
  } catch (error) {
    misuse((error as Error).message);
  }
  return choice;
}

async function targetsOf(module: string): Promise<ConformanceTarget[]> {
  const targets = await findTargets(pathToFileURL(resolve(module)).href).catch((error: unknown) =>
    misuse(`${module} cannot be imported: ${String(error)}`),
  );
  return targets.length > 0 ? targets : misuse(`${module} exports no target; make one with defineTarget()`);
}

const { values, positionals } = parsed();
if (values.help) {
  process.stdout.write(usage);
  process.exit(0);
}
const [module, ...others] = positionals;
if (module === undefined || others.length > 0) misuse('name one module');
const report = reporters[values.reporter] ?? misuse(`there is no reporter ${values.reporter}`);
const choice = choiceOf(values);

const reports: ConformanceReport[] = [];
for (const target of await targetsOf(module)) reports.push(await checkConformance(target, choice));
const output = reports.map(report).join('\n');
if (values.output === undefined) process.stdout.write(output);
else await writeFile(values.output, output);
// Set, not called: what is still being written to a pipe gets there.
process.exitCode = reports.every(({ conforms }) => conforms) ? 0 : 1;
