// `npm test`: every test, against servers of its own; arguments go to Jest.
import { jestArguments } from '../tools/jest.ts';
import { runTool } from '../tools/run-tool.ts';
import { ensureSeed } from '../tools/seed.ts';

ensureSeed(process.env);
process.exit(await runTool(jestArguments(process.argv.slice(2))));
