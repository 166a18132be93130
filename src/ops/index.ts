/**
 * Operation: health, metrics, schedules, cache administration.
 */
export { OpsModule } from './ops.module.js';
