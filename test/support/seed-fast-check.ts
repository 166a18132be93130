// Property tests draw from the seed of the run as well, so that SEED repeats them.
import fc from 'fast-check';

if (process.env.SEED) fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(process.env.SEED) });
