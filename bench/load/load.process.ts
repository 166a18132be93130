// The process that loads a server: it has nothing else to do, so that what it measures is the server.
import { answerQuestions } from '../harness/answer-questions.ts';
import type { LoadPlan } from './load-plan.ts';
import { runLoad } from './load-round.ts';

answerQuestions((plan) => runLoad(plan as LoadPlan));
process.send?.({ type: 'ready' });
