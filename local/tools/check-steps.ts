import { jestArguments } from './jest.ts';

/** One part of `npm run check`. */
export interface CheckStep {
  title: string;
  /** One after the other, until one fails. Each is a script with its arguments. */
  commands: string[][];
}

/** Everything that is checked without a server. `fix` formats and mends instead of only reporting. */
export function checkSteps(fix: boolean): CheckStep[] {
  const biome = ['node_modules/@biomejs/biome/bin/biome', 'check', ...(fix ? ['--write'] : []), '.'];
  return [
    { title: 'format and lint', commands: [biome] },
    { title: 'types', commands: [typeCheck('tsconfig.json'), typeCheck('local/setup/tsconfig.json')] },
    {
      title: 'import law',
      commands: [
        ['node_modules/dependency-cruiser/bin/dependency-cruiser.mjs', 'src', '--config', 'dependency-cruiser.cjs'],
      ],
    },
    { title: 'unused code', commands: [['node_modules/knip/bin/knip.js', '--no-progress']] },
    {
      title: 'generated reference',
      commands: [
        ['local/launch.mjs', 'build'],
        ['dist/cli.js', 'reference', ...(fix ? [] : ['--check'])],
      ],
    },
    { title: 'unit tests', commands: [jestArguments(['--selectProjects', 'unit'])] },
  ];
}

const typeCheck = (project: string): string[] => ['node_modules/ts7/bin/tsc', '--noEmit', '-p', project];
