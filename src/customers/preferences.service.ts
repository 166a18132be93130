import { Inject, Injectable } from '@nestjs/common';
import { type DocumentStore, type VersionedDocument, WriteBehind } from '../cache/index.js';
import { AppError } from '../platform/errors.js';
import { keyspace, sessionShard } from '../platform/keyspace.js';
import {
  noPreferences,
  type Preferences,
  type PreferencesPatch,
  type PreferencesResponse,
  patchPreferences,
  preferences,
} from './preferences.js';
import { PreferencesRepository } from './preferences.repository.js';

/** A copy leaves Redis this long after it was folded. */
const TTL_MS = 7 * 24 * 3_600_000;
/** Few: only the customer's own devices write. */
const MAX_ATTEMPTS = 10;

/** Preferences of customers: read and written in the session layer, then folded into PostgreSQL. */
@Injectable()
export class PreferencesService {
  private readonly documents: DocumentStore<Preferences>;

  constructor(
    @Inject(WriteBehind) writeBehind: WriteBehind,
    @Inject(PreferencesRepository) repository: PreferencesRepository,
  ) {
    this.documents = writeBehind.register({
      kind: 'preferences',
      codec: preferences,
      ttlMs: TTL_MS,
      keyOf: keyspace.session.preferences,
      shardOf: sessionShard,
      load: (id) => repository.load(id),
      fold: (batch) => repository.fold(batch),
      replace: (tx, next, expected) => repository.replace(tx, next, expected),
    });
  }

  async read(customerId: string): Promise<PreferencesResponse> {
    return present(await this.documents.get(customerId));
  }

  /** Applies a patch to the current document; retries when another request wrote in between. */
  async patch(customerId: string, patch: PreferencesPatch): Promise<PreferencesResponse> {
    let current = await this.documents.get(customerId);
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const document = patchPreferences(current?.document ?? noPreferences, patch);
      const put = await this.documents.put(customerId, current?.version ?? 0, document);
      if (put.outcome === 'ok') return present({ version: put.version, document });
      current = put.current;
    }
    throw new AppError('version_conflict', { detail: 'Other requests are changing the preferences. Try again.' });
  }
}

function present(found: VersionedDocument<Preferences> | undefined): PreferencesResponse {
  const { currency, locale, marketing, extra } = found?.document ?? noPreferences;
  return {
    version: found?.version ?? 0,
    currency: currency ?? null,
    locale: locale ?? null,
    marketing: marketing ?? null,
    extra,
  };
}
