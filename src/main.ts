// The shop, under a Node that is new enough.
import { requireNode } from './platform/require-node.js';

requireNode();
await import('./serve.js');
