import { Controller, Get, Inject, Param, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { sendAt } from 'cron';
import { z } from 'zod';
import { RequireAdmin } from '../../platform/auth/require-admin.decorator.js';
import { AppError } from '../../platform/errors.js';
import { Endpoint } from '../../platform/http/endpoint.decorator.js';
import { NoBody } from '../../platform/http/no-body.decorator.js';
import { Private } from '../../platform/http/private.decorator.js';
import { type ScheduledJob, ScheduledJobs } from '../../platform/scheduled-jobs.js';
import { type JobRun, JobRunsRepository } from './job-runs.repository.js';
import { RunJob } from './run-job.js';

const outcome = z
  .enum(['done', 'skipped', 'failed'])
  .describe('`skipped`: it was not its time, or there was nothing to do; `note` says which.');
const note = z.string().nullable().describe('What the run says of itself.');
const error = z.string().nullable().describe('Why it failed.');
const jobAnswer = z
  .object({
    name: z.string(),
    summary: z.string(),
    cron: z.string(),
    nextRun: z.iso.datetime(),
    lastRun: z
      .object({
        startedAt: z.iso.datetime(),
        finishedAt: z.iso.datetime().nullable(),
        outcome: outcome.nullable(),
        note,
        error,
      })
      .nullable(),
  })
  .meta({ id: 'ScheduledJob' });
const jobsAnswer = z.object({ items: z.array(jobAnswer) });
const jobParams = z.strictObject({ name: z.string().max(100) });
const runAnswer = z.object({ name: z.string(), outcome, note, error });

@ApiTags('administration')
@Controller('v1/admin/jobs')
export class SchedulesController {
  constructor(
    @Inject(ScheduledJobs) private readonly jobs: ScheduledJobs,
    @Inject(JobRunsRepository) private readonly runs: JobRunsRepository,
    @Inject(RunJob) private readonly runJob: RunJob,
  ) {}

  @Get()
  @RequireAdmin('jobs:read')
  @Private()
  @Endpoint({
    summary: 'List the scheduled jobs, with their last and next run',
    responses: { 200: jobsAnswer },
  })
  async list(): Promise<z.infer<typeof jobsAnswer>> {
    const runs = new Map((await this.runs.all()).map((run) => [run.name, run]));
    return { items: this.jobs.all.map((job) => toAnswer(job, runs.get(job.name))) };
  }

  @Post(':name/run')
  @NoBody()
  @RequireAdmin('jobs:write')
  @Private()
  @Endpoint({
    summary: 'Run a job now and wait for its end',
    responses: { 200: runAnswer },
    errors: ['not_found', 'job_running', 'unavailable'],
  })
  async run(@Param({ schema: jobParams }) { name }: z.infer<typeof jobParams>): Promise<z.infer<typeof runAnswer>> {
    const job = this.jobs.find(name);
    if (!job) throw new AppError('not_found', { detail: 'This job was not found. See GET /v1/admin/jobs.' });
    const end = await this.runJob.run(job);
    if (end === 'running elsewhere')
      throw new AppError('job_running', { detail: `${name} is running. Look again later.` });
    return { name, ...end };
  }
}

function toAnswer({ name, summary, cron }: ScheduledJob, run: JobRun | undefined): z.infer<typeof jobAnswer> {
  return {
    name,
    summary,
    cron,
    nextRun: sendAt(cron).toUTC().toJSDate().toISOString(),
    lastRun: run
      ? {
          startedAt: run.startedAt.toISOString(),
          finishedAt: run.finishedAt?.toISOString() ?? null,
          outcome: run.outcome,
          note: run.note,
          error: run.error,
        }
      : null,
  };
}
