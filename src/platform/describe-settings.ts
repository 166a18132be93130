// Describes each setting from its schema, so that the reference cannot differ from what is checked.
import { z } from 'zod';
import { settings } from './config.js';
import { inWords } from './validation-words.js';

export interface SettingDescription {
  readonly name: string;
  readonly description: string;
  /** '' when it has none. */
  readonly default: string;
  /** The values it may have: each of a few, a range, or the form; '' when it may be any text. */
  readonly allowed: string;
}

/** Read by `npm start` and the other scripts, not by the application: its schema does not have them. */
const scriptSettings: readonly SettingDescription[] = [
  {
    name: 'TIERSHOP_DATA_DIR',
    description:
      'Where `npm start` and the other scripts keep local data: files of the embedded servers, ports, secrets.',
    default: '.data',
    allowed: '',
  },
];

/** One row for each variable, for the generated reference. */
export function describeSettings(): SettingDescription[] {
  const ofApplication = Object.entries(settings.shape).map(([name, schema]) => ({
    name,
    description: schema.description ?? '',
    default: schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault ? String(schema.def.defaultValue) : '',
    allowed: allowedBy(schema),
  }));
  return [...ofApplication, ...scriptSettings];
}

function allowedBy(schema: z.ZodType): string {
  const { enum: values, minimum, maximum } = z.toJSONSchema(schema, { io: 'input' });
  if (values) return values.map((value) => `\`${value}\``).join(', ');
  if (minimum !== undefined && maximum !== undefined) return `${minimum} to ${maximum}`;
  // The message of a refusal tells the form; every setting that has one refuses a question mark.
  return schema.safeParse('?', { error: inWords }).error?.issues[0]?.message ?? '';
}
