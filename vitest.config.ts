import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export const common = {
  resolve: { alias: { 'qt-trader': fileURLToPath(new URL('./src/index.ts', import.meta.url)) } },
};

export default defineConfig({
  ...common,
  test: {
    include: ['test/**/*.test.ts'],
    // npm run test:kafka
    exclude: ['test/kafka/**', '**/node_modules/**'],
    // Much of the time goes to waiting for processes and sockets.
    maxWorkers: '100%',
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
