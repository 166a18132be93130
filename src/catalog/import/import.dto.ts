import { z } from 'zod';
import { importReport } from './import-report.js';

export const importJob = z
  .object({
    id: z.uuid(),
    state: z.enum(['running', 'done', 'failed']),
    sourceName: z.string().nullable(),
    readBytes: z.int(),
    totalBytes: z.int(),
    report: importReport,
    error: z.string().nullable().describe('Why it failed, and what to do.'),
    createdAt: z.iso.datetime(),
    finishedAt: z.iso.datetime().nullable(),
  })
  .meta({ id: 'ImportJob', description: 'An import of a product file with its progress and its report.' });

export type ImportJob = z.infer<typeof importJob>;

export const importJobParams = z.strictObject({ id: z.uuid() });
