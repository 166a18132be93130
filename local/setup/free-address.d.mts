// For what imports it from TypeScript: the launcher itself is plain JavaScript.
export function requireFreeAddress(env: NodeJS.ProcessEnv): Promise<void>;
