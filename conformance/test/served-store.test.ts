import { afterAll, beforeAll } from 'vitest';
import { registerConformance } from '../src/bindings/vitest.ts';
import { startServer, stopServer, target } from './fixtures/served-target.ts';

beforeAll(startServer);
registerConformance(target);
afterAll(stopServer);
