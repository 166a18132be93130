// `npm run bench`: runs suites one after the other. Figures go to standard output, everything else to standard error.
import { Guard } from '../local/servers/guard.ts';
import { StopRequests } from '../local/supervisor/stop-requests.ts';
import { Cleanup } from './harness/cleanup.ts';
import { describeMachine } from './harness/machine.ts';
import { helpText, type Options, parseCommand } from './harness/options.ts';
import { chooseProcessors } from './harness/processors.ts';
import { type Report, toJson, toTable } from './harness/report.ts';
import { suites } from './suites.ts';

const exitCodes = { ok: 0, failed: 1, wrongUse: 2, stopped: 130 } as const;

async function main(args: readonly string[]): Promise<number> {
  const command = parseCommand(args, Object.keys(suites));
  if (command.kind === 'help') {
    process.stdout.write(helpText(suites));
    return exitCodes.ok;
  }
  if (command.kind === 'wrong') {
    process.stderr.write(`${command.problem}\n\n${helpText(suites)}`);
    return exitCodes.wrongUse;
  }
  if (process.platform !== 'linux')
    throw new Error('The bench reads the CPU time of processes from /proc: run it on Linux.');
  const stop = new StopRequests((count) => {
    say('stopping');
    if (count > 1) process.exit(exitCodes.stopped);
  });
  const stopped = stop.first.then(() => undefined);
  // Never closed: it ends whatever still runs when this process ends, however that happens.
  const guard = new Guard();
  if (command.suites.length > 1) {
    say(`all suites, one after the other: ${command.suites.join(', ')}. By default they take more than ten minutes.`);
    say('To run one, stop with Ctrl-C and name it: npm run bench -- cache');
  }
  for (const name of command.suites) {
    const report = await runSuite(name, command.options, guard, stopped);
    if (!report) return exitCodes.stopped;
    process.stdout.write(command.json ? toJson(report) : `${toTable(report)}\n`);
  }
  return exitCodes.ok;
}

/** @returns undefined when it was stopped */
async function runSuite(
  name: string,
  options: Options,
  guard: Guard,
  stopped: Promise<undefined>,
): Promise<Report | undefined> {
  const suite = await suites[name]?.load();
  if (!suite) throw new Error(`There is no suite "${name}".`);
  const cleanup = new Cleanup();
  try {
    const running = suite({ options, processors: chooseProcessors(), guard, cleanup, say });
    running.catch(() => undefined); // when it was stopped, nobody waits for it any more
    const results = await Promise.race([running, stopped]);
    return results && { suite: name, machine: describeMachine(), results };
  } finally {
    await cleanup.run((error) => say(`something could not be stopped: ${messageOf(error)}`));
  }
}

function say(text: string): void {
  process.stderr.write(`[bench] ${text}\n`);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

const exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  say(messageOf(error));
  return exitCodes.failed;
});
process.exit(exitCode);
