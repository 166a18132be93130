import { delimiter, join } from 'node:path';
import { exclusively } from './exclusive.mjs';
import { isExecutable, run, runQuietly } from './run.mjs';
import { SetupError, say } from './setup-error.mjs';

const neededMajor = 7;

/** Where package managers put servers, even if an ordinary user's PATH lacks it. */
const otherDirectories = ['/usr/local/bin', '/usr/bin', '/usr/local/sbin', '/usr/sbin', '/opt/homebrew/bin'];

/** @type {{ program: string, asRoot: boolean, command: (setupDirectory: string) => [string, ...string[]] }[]} */
const packageManagers = [
  {
    program: 'apt-get',
    asRoot: true,
    command: (setupDirectory) => ['sh', join(setupDirectory, 'install-redis-with-apt.sh')],
  },
  { program: 'dnf', asRoot: true, command: () => ['dnf', 'install', '--assumeyes', 'redis'] },
  { program: 'apk', asRoot: true, command: () => ['apk', 'add', 'redis'] },
  { program: 'brew', asRoot: false, command: () => ['brew', 'install', 'redis'] },
];

/**
 * Whether a command will start redis-server processes: one layer without a URL is enough.
 * @param {import('./commands.mjs').Command} command
 * @param {NodeJS.ProcessEnv} env
 */
export function needsRedisServer(command, env) {
  if (command.redis !== 'unless-external') return command.redis === 'always';
  if (env.REDIS_URL) return false;
  return !(env.REDIS_OPERATIONAL_URL && env.REDIS_APPLICATION_URL && env.REDIS_SESSION_URL);
}

/**
 * Makes sure that redis-server is on this machine, installing it when a package manager can.
 * @param {string} root
 * @returns {Promise<string>} the PATH on which it is found
 */
export async function ensureRedisServer(root) {
  if (!findProgram('redis-server')) {
    await exclusively(join(root, '.data', 'install.lock'), 'installing redis-server', async () => {
      if (!findProgram('redis-server')) await install(join(root, 'local', 'setup'));
    });
  }
  const directory = findProgram('redis-server');
  if (!directory) throw new SetupError(`redis-server was installed but is not on the PATH. ${byHand()}`);
  await checkVersion(join(directory, 'redis-server'));
  const path = process.env.PATH ?? '';
  return path.split(delimiter).includes(directory) ? path : `${path}${delimiter}${directory}`;
}

/** @param {string} setupDirectory */
async function install(setupDirectory) {
  const manager = packageManagers.find(({ program }) => findProgram(program));
  if (!manager) {
    throw new SetupError(`redis-server is missing and this machine has no package manager known here. ${byHand()}`);
  }
  const needsSudo = manager.asRoot && process.getuid?.() !== 0;
  if (needsSudo && !(await hasSudo())) {
    const reason = 'installing it needs root or a sudo without password';
    throw new SetupError(`redis-server is missing, and ${reason}. ${byHand()}`);
  }

  say(`Installing redis-server (${manager.program}).`);
  const command = manager.command(setupDirectory);
  const code = needsSudo ? await run('sudo', ['-n', ...command]) : await run(command[0], command.slice(1));
  if (code !== 0) throw new SetupError(`Installing redis-server failed (exit code ${code}); see above. ${byHand()}`);
}

/** Whether sudo works without asking for a password. */
async function hasSudo() {
  return findProgram('sudo') !== undefined && (await runQuietly('sudo', ['-n', 'true'])).code === 0;
}

/** @param {string} file */
async function checkVersion(file) {
  const { output } = await runQuietly(file, ['--version']);
  const [, version = '', major = '0'] = /v=((\d+)[\d.]*)/.exec(output) ?? [];
  if (Number(major) < neededMajor) {
    throw new SetupError(
      `${file} is version ${version || 'unknown'}; tiershop needs ${neededMajor} or newer. ${byHand()}`,
    );
  }
}

/**
 * The directory that holds a program.
 * @param {string} program
 */
function findProgram(program) {
  const directories = [...(process.env.PATH ?? '').split(delimiter), ...otherDirectories];
  return directories.find((directory) => directory !== '' && isExecutable(join(directory, program)));
}

const byHand = () =>
  `Install Redis ${neededMajor} or newer (Debian and Ubuntu: sudo apt-get install redis-server; macOS: brew install redis), ` +
  'or set REDIS_URL to one that runs, and try again.';
