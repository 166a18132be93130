import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { expect, it } from '@jest/globals';
import { requireFreeAddress } from './free-address.mjs';

it('names the port that is taken, and takes it for free when it is', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const PORT = String((other.address() as AddressInfo).port);
  await expect(requireFreeAddress({ PORT })).rejects.toThrow(`Port ${PORT} is in use.`);
  other.close();
  await once(other, 'close');
  await requireFreeAddress({ PORT });
});

it('leaves a wrong address to the application, and asks for no port that is chosen later', async () => {
  await requireFreeAddress({ PORT: '0' });
  await requireFreeAddress({ PORT: 'x' });
  await requireFreeAddress({ PORT: '70000' });
  await requireFreeAddress({ PORT: '16000', HOST: 'nowhere.invalid' });
});
