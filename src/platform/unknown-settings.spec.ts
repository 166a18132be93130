import { expect, test } from '@jest/globals';
import { unknownSettings } from './unknown-settings.js';

test.each([
  ['TIERSHOP_PROT', 'Did you mean PORT?'],
  ['TIERSHOP_PORT', 'Did you mean PORT?'],
  ['TIERSHOP_ADMINKEY', 'Did you mean TIERSHOP_ADMIN_KEY?'],
  ['DATABASE_ULR', 'Did you mean DATABASE_URL?'],
  ['REDIS_URI', 'Did you mean REDIS_URL?'],
  ['LOGLEVEL', 'Did you mean LOG_LEVEL?'],
  ['hold_ttl_s', 'Did you mean HOLD_TTL_S?'],
  ['port', 'Did you mean PORT?'],
  ['TAX_RATE', 'Did you mean TAX_RATE_BASIS_POINTS?'],
  ['BODY_LIMIT', 'Did you mean BODY_LIMIT_BYTES?'],
  ['TIERSHOP_BODY_LIMIT', 'Did you mean BODY_LIMIT_BYTES?'],
  ['TIERSHOP_COLOUR', 'docs/reference/settings.md lists what there is.'],
])('%s is told', (name, hint) => {
  expect(unknownSettings({ [name]: '1' })).toEqual([`${name} is no setting, and is ignored. ${hint}`]);
});

test.each([
  ...['PORT', 'TIERSHOP_DATA_DIR', 'HOME', 'PATH', 'HOSTNAME', 'NODE_OPTIONS', 'REDIS_PORT', 'npm_config_cache'],
  ...['HOSTS', 'POST', 'ROLES', 'NODE', 'LOG', 'TAX', 'TAX_RA', 'DATABASE', 'REDIS_SERVICE_HOST'],
])('%s is not', (name) => {
  expect(unknownSettings({ [name]: '1' })).toEqual([]);
});

test('an empty variable counts as unset', () => {
  expect(unknownSettings({ TIERSHOP_PROT: '', REDIS_URI: undefined })).toEqual([]);
});

test('what Kubernetes sets for a service of that name is not told', () => {
  const ofAService = {
    TIERSHOP_PORT: 'tcp://10.0.0.1:80',
    TIERSHOP_PORT_80_TCP: 'x',
    TIERSHOP_SERVICE_HOST: '10.0.0.1',
  };
  expect(unknownSettings(ofAService)).toEqual([]);
});
