import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { generateCatalog } from '../../../src/catalog/index.js';
import { ADVISORY_LOCKS } from '../../../src/platform/database/advisory-locks.js';
import { newId } from '../../../src/platform/ids.js';
import { eventually } from '../../support/eventually.js';
import { data, levels, shop, useCatalog } from './import-rig.js';

useCatalog();

describe('real files', () => {
  for (const [file, counts] of [
    ['apparel.csv', { rows: 22, products: { created: 20, updated: 0, unchanged: 0 }, variants: 22, images: 20 }],
    ['jewelery.csv', { rows: 41, products: { created: 20, updated: 0, unchanged: 0 }, variants: 23, images: 41 }],
  ] as const) {
    const path = resolve(data, file);
    const test = existsSync(path) ? it : it.skip;
    test(`${file} is imported whole and can be bought (skipped without ${file} in TIERSHOP_DATA_DIR_SHARED)`, async () => {
      const text = readFileSync(path);
      const job = await shop.importCsv(text);
      expect(job.report).toMatchObject({ ...counts, skipped: 0, problems: [] });
      const stock = await levels();
      expect(stock).toHaveLength(counts.variants);
      // Their inventory tracker is empty, and still the quantities they give count.
      expect(new Set(stock.map(([, , onHand, policy, tracked]) => `${onHand > 1} ${policy} ${tracked}`))).toEqual(
        new Set(['false deny true']),
      );
      expect((await shop.importCsv(text)).report.products).toEqual({ created: 0, updated: 0, unchanged: 20 });
    });
  }
});

describe('the import API', () => {
  const post = (body: unknown, headers: Record<string, string>) =>
    shop.admin.post<{ id: string; code: string; detail: string; errors?: { field: string }[] }>(
      '/v1/admin/imports',
      body,
      { headers },
    );
  const csv = { 'content-type': 'text/csv' };

  it('takes a form with a file, and nothing else', async () => {
    const form = (field: string, text: string) =>
      Buffer.from(
        `--b\r\ncontent-disposition: form-data; name="${field}"; filename="my products.csv"\r\ncontent-type: text/csv\r\n\r\n${text}\r\n--b--\r\n`,
      );
    const multipart = { 'content-type': 'multipart/form-data; boundary=b' };
    const { status, body } = await post(form('file', 'Handle,Title\nform,Form\n'), multipart);
    expect(status).toBe(202);
    await eventually(async () => {
      const job = await shop.admin.get(`/v1/admin/imports/${body.id}`);
      expect(job.body).toMatchObject({ state: 'done', sourceName: 'my products.csv', report: { rows: 1 } });
    });
    const wrong = await post(form('document', 'Handle,Title\n'), multipart);
    expect([wrong.status, wrong.body.errors?.[0]?.field]).toEqual([400, 'document']);
    expect((await post(Buffer.from('--b--\r\n'), multipart)).status).toBe(400);
    expect((await post(Buffer.from('nonsense'), multipart)).status).toBe(400);
    for (const type of [
      'multipart/form-data',
      'multipart/form-data; boundary=other',
      'multipart/form-data; boundary=',
    ]) {
      expect((await post(form('file', 'Handle\n'), { 'content-type': type })).status).toBe(400);
    }
    const large = Buffer.from(`Handle,Title\n${'x,X\n'.repeat(100_000)}`);
    for (const body of [{ csv: 'x' }, Buffer.from('Handle,Title\n'), large]) {
      const asJson = await post(body, { 'content-type': 'application/json' });
      expect([asJson.status, asJson.body.detail]).toEqual([415, expect.stringContaining('text/csv')]);
    }
    expect((await post(Buffer.from('x'), {})).status).toBe(415);
    expect((await post(undefined, {})).status).toBe(415);
    expect((await post(Buffer.alloc(0), csv)).status).toBe(400);
  });

  it.each([
    ['NUL in the header', Buffer.from('Handle\0,Ti\0tle\na\0,b\n')],
    ['UTF-16', Buffer.from('\ufeffHandle,Title\na,b\n', 'utf16le')],
    ['bytes of no text', Buffer.from(Array.from({ length: 2_000 }, (_, i) => (i * 7) % 256))],
  ])('ends with a report for a file that is no CSV: %s', async (_name, file) => {
    const { status, body } = await post(file, csv);
    expect(status).toBe(202);
    await eventually(async () => {
      const job = await shop.admin.get<{ state: string }>(`/v1/admin/imports/${body.id}`);
      expect(job.body).toMatchObject({ state: expect.stringMatching(/^(done|failed)$/), report: { variants: 0 } });
      expect(JSON.stringify(job.body)).not.toMatch(/has ended/);
    });
  });

  it('limits the size, also of uploads that do not tell theirs', async () => {
    const chunk = Buffer.alloc(1_000_000, 'x,');
    const told = await post(Buffer.concat(Array(10).fill(chunk)), csv);
    expect([told.status, told.body.code]).toEqual([413, 'payload_too_large']);
    const endless = new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(chunk)) });
    const answer = await fetch(new URL('/v1/admin/imports', await shop.app.getUrl()), {
      method: 'POST',
      body: endless,
      duplex: 'half',
      headers: { ...csv, authorization: 'Bearer module-app-admin-key' },
    } as RequestInit).then(
      (response) => response.status,
      () => 'cut off',
    );
    expect([413, 'cut off']).toContain(answer);
  });

  it('runs one import at a time', async () => {
    const other = await shop.sql.connect();
    await other.query('SELECT pg_advisory_lock($1)', [ADVISORY_LOCKS.productImport]);
    const refused = await post(Buffer.from('Handle,Title\nx,X\n'), csv);
    expect([refused.status, refused.body.code]).toEqual([409, 'import_running']);
    expect(refused.body.detail).toContain('Another import is running');
    await other.query('SELECT pg_advisory_unlock($1)', [ADVISORY_LOCKS.productImport]);
    other.release();
    expect((await shop.importCsv('Handle,Title\nx,X\n')).state).toBe('done');
  });

  it('tells of an import whose process has died', async () => {
    const id = newId();
    await shop.importCsv('Handle,Title\nx,X\n');
    await shop.sql.query(
      `INSERT INTO import_jobs (id, state, total_bytes, report, heartbeat_at)
       SELECT $1, 'running', 5, report, now() - interval '1 minute' FROM import_jobs LIMIT 1`,
      [id],
    );
    const { body } = await shop.admin.get(`/v1/admin/imports/${id}`);
    expect(body).toMatchObject({ state: 'failed', error: expect.stringContaining('import the file again') });
    await shop.importCsv('Handle,Title\nx,X\n');
    const { rows } = await shop.sql.query(
      'SELECT state, finished_at IS NOT NULL AS ended FROM import_jobs WHERE id = $1',
      [id],
    );
    expect(rows).toEqual([{ state: 'failed', ended: true }]);
  });

  it('is for administrators, and knows its jobs', async () => {
    expect((await shop.http.post('/v1/admin/imports', Buffer.from('x'), { headers: csv })).status).toBe(401);
    expect((await shop.http.get(`/v1/admin/imports/${newId()}`)).status).toBe(401);
    expect((await shop.admin.get(`/v1/admin/imports/${newId()}`)).status).toBe(404);
    expect((await shop.admin.get('/v1/admin/imports/abc')).status).toBe(400);
  });

  it('goes on with what the generator makes', async () => {
    const job = await shop.importCsv([...generateCatalog({ products: 250, seed: 5 })].join(''));
    expect(job.report).toMatchObject({ skipped: 0, products: { created: 250 }, unknownColumns: [] });
    // Downloads are not counted.
    expect(job.report.problems.map(({ code }) => code)).toEqual(['no_quantity']);
  });
});
