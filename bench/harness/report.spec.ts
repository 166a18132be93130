import { describe, expect, it } from '@jest/globals';
import { type Report, toJson, toTable } from './report.ts';

const report: Report = {
  suite: 'http',
  machine: { cpu: 'Some CPU', cpus: 2, memoryGb: 8, os: 'linux 6.1', node: '24.0.0' },
  results: [
    { name: 'product: p50', value: 1.5, unit: 'ms', reference: 'bare route', referenceValue: 1.2, ratio: 0.8 },
    {
      name: 'list: throughput',
      value: 20_000,
      unit: 'per second',
      reference: 'bare',
      referenceValue: 25_000,
      ratio: 0.8,
    },
  ],
};

describe('toJson', () => {
  it('is one document of the published shape', () => {
    const document = JSON.parse(toJson(report));
    expect(document).toEqual(report);
    expect(Object.keys(document)).toEqual(['suite', 'machine', 'results']);
    expect(Object.keys(document.results[0])).toEqual(['name', 'value', 'unit', 'reference', 'referenceValue', 'ratio']);
  });
});

describe('toTable', () => {
  it('has a line for each result, its columns aligned', () => {
    const lines = toTable(report).split('\n');
    const first = lines.find((line) => line.startsWith('product: p50')) ?? '';
    const second = lines.find((line) => line.startsWith('list: throughput')) ?? '';
    expect(first.endsWith('0.80')).toBe(true);
    expect(first.indexOf('bare route')).toBe(second.indexOf('bare'));
    expect(first.length).toBe(second.length);
  });
});
