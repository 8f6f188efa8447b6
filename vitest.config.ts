import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: [
      'packages/*/test/**/*.test.ts',
      'conformance/test/**/*.test.ts',
      'examples/!(third-party-store)/test/**/*.test.ts',
      '{bench,services}/test/**/*.test.ts',
      'scripts/**/*.test.ts',
    ],
    // Real processes and real disks on shared machines: slow is not wrong.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Most tests wait for servers, clocks and processes most of the time: two cores have room for more of them than
    // two.
    maxWorkers: 4,
  },
});
