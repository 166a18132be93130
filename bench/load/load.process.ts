// The process that loads servers: it has nothing else to do, so that what it measures are the servers.
import { answerQuestions } from '../harness/answer-questions.ts';
import type { Sides } from '../harness/result.ts';
import { loadInSlices } from './load-in-slices.ts';
import type { LoadPlan } from './load-plan.ts';

answerQuestions((plans) => loadInSlices(plans as Sides<LoadPlan>));
process.send?.({ type: 'ready' });
