import { testOverAServer } from './mutants/over-a-server.ts';
import { mutantsThatFail } from './mutants/served-mutants.ts';

testOverAServer('a store that fails in a wrong way breaks the rule that says so', mutantsThatFail);
