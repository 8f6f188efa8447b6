import { join } from 'node:path';
import { createVitest, type TestModule, type Vitest } from 'vitest/node';
import type { SeededBug, SeededResult, SeededRun } from './seeded-bug.ts';

/**
 * Runs tests of one package over sources that have one bug, or none, as often as it is told to. One Vitest for all
 * runs, because starting it takes longer than most of the tests; only the file with the bug is transformed anew.
 */
const packageFolder = String(process.argv[2]);
let bug: SeededBug | undefined;

const vitest = await createVitest(
  'test',
  {
    root: packageFolder,
    config: false,
    watch: false,
    include: ['test/*.test.ts'],
    exclude: ['test/seeded-bugs.test.ts'],
    bail: 1,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: 1,
    // A cached module would be without the bug, or with the one before.
    fsModuleCache: false,
    reporters: [{}],
  },
  {
    plugins: [
      {
        name: 'seeded-bug',
        enforce: 'pre',
        transform: (code, id) =>
          bug && id === fileOf(bug) ? code.replace(bug.from, () => (bug as SeededBug).to) : undefined,
      },
    ],
  },
);

process.on('message', async (run: SeededRun) => process.send?.(await resultOf(run)));
process.on('disconnect', () => vitest.close());

async function resultOf(run: SeededRun): Promise<SeededResult> {
  for (const seeded of [bug, run.bug]) if (seeded) forget(vitest, fileOf(seeded));
  bug = run.bug;
  vitest.state.clearErrors();
  const specifications = await vitest.globTestSpecifications(run.files.map((file) => `/${file}.test.ts`));
  const { testModules, unhandledErrors } = await vitest.runTestSpecifications(specifications);
  // The result has the files of earlier runs as well.
  const modules = testModules.filter(({ moduleId }) => specifications.some((each) => each.moduleId === moduleId));
  const thrown = [...modules.flatMap(errorsIn), ...(unhandledErrors as Thrown[])];
  return {
    passed: modules.length === run.files.length && modules.every((each) => each.ok()) && thrown.length === 0,
    errors: thrown.map(({ name, message }) => `${name}: ${message}`),
  };
}

function fileOf({ file }: SeededBug): string {
  return join(packageFolder, 'src', file);
}

function forget({ projects }: Vitest, file: string): void {
  for (const { moduleGraph } of projects.flatMap(({ vite }) => Object.values(vite.environments))) {
    for (const module of moduleGraph.getModulesByFile(file) ?? []) moduleGraph.invalidateModule(module);
  }
}

/** As it comes from the process that the tests run in. */
interface Thrown {
  readonly name?: string;
  readonly message: string;
}

function errorsIn(module: TestModule): Thrown[] {
  const ofTests = Array.from(module.children.allTests('failed')).flatMap((test) => test.result().errors ?? []);
  const ofSuites = Array.from(module.children.allSuites()).flatMap((suite) => suite.errors());
  return [...module.errors(), ...ofSuites, ...ofTests];
}
