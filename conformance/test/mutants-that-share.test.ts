import { testOverAServer } from './mutants/over-a-server.ts';
import { mutantsThatShare } from './mutants/served-mutants.ts';

testOverAServer(
  'a store that many processes open, or one after the other, breaks the rule that says so',
  mutantsThatShare,
);
