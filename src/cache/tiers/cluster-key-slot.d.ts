declare module 'cluster-key-slot' {
  /** The slot of a key in a Redis Cluster: CRC16 of its hash tag, or of the whole key, modulo 16,384. */
  export default function calculateSlot(key: string): number;
}
