/** Who buys everything. */
export const customerEmail = 'ada@example.com';
export const address = { name: 'Ada Lovelace', line1: '12 St James Square', city: 'London', country: 'GB' };
