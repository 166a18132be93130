/** What is measured in each round, the same for us and for the reference. */
export interface Measure {
  /** Key of the sample. */
  readonly key: string;
  /** As it stands in the name of a result. */
  readonly label: string;
  readonly unit: string;
  readonly better: 'more' | 'less';
}

/** One thing of each side: of us and of what we are compared with. */
export interface Sides<T> {
  readonly ours: T;
  readonly reference: T;
}

/** What one round gave: a number for each measure. */
export type Sample = Readonly<Record<string, number>>;

/** One figure beside its limit or peer. */
export interface Result {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** What it is compared with. */
  readonly reference: string;
  readonly referenceValue: number;
  /** Above 1 we are better, whether more or less of the unit is good. */
  readonly ratio: number;
}

/** The results of alternating rounds: for each measure the medians of both sides. */
export function compare(
  subject: { readonly name: string; readonly reference: string; readonly measures: readonly Measure[] },
  samples: Sides<readonly Sample[]>,
): Result[] {
  return subject.measures.map(({ key, label, unit, better }) => {
    const value = median(samples.ours.map((sample) => numberOf(sample, key)));
    const referenceValue = median(samples.reference.map((sample) => numberOf(sample, key)));
    return {
      name: `${subject.name}: ${label}`,
      value: rounded(value),
      unit,
      reference: subject.reference,
      referenceValue: rounded(referenceValue),
      ratio: rounded(better === 'more' ? value / referenceValue : referenceValue / value),
    };
  });
}

/** The middle value, or the mean of the two in the middle. @throws for no values */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.ceil(sorted.length / 2) - 1];
  if (upper === undefined || lower === undefined) throw new Error('There is no median of no values.');
  return (upper + lower) / 2;
}

/** Four significant digits, but never fewer than the whole part has: more would be noise. */
export function rounded(value: number): number {
  return Math.abs(value) >= 1_000 ? Math.round(value) : Number(value.toPrecision(4));
}

function numberOf(sample: Sample, key: string): number {
  const value = sample[key];
  if (value === undefined || !Number.isFinite(value)) throw new Error(`A round gave no "${key}".`);
  return value;
}
