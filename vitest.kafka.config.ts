import { defineConfig } from 'vitest/config';
import { common } from './vitest.config.ts';

// Real brokers need Java and minutes: these tests are a command of their own.
export default defineConfig({
  ...common,
  test: {
    include: ['test/kafka/**/*.test.ts'],
    fileParallelism: false,
    testTimeout: 300_000,
    hookTimeout: 120_000,
  },
});
