// Runs one node of Apache Kafka for development, and leaves it running. Plain JavaScript: Node alone is needed, Java and Maven.
import { runningBroker, startBroker } from './kafka/broker.js';
import { BrokerFailure } from './kafka/jars.js';
import { main, optionsOf } from './kafka/options.js';

const DEFAULT_PORT = 9092;
const HELP = `npm run kafka:start -- [--port ${DEFAULT_PORT}] [--folder FOLDER]
  --port    on loopback; 0 for a free one
  --folder  what it keeps, its log included (default: in the folder for temporary files)`;

await main(async () => {
  const options = optionsOf(HELP, { port: { type: 'string' } });
  const { folder } = options;
  const port = Number(options.port ?? DEFAULT_PORT);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new BrokerFailure(`--port was ${options.port}: give 0 … 65535`, 2);
  }
  const running = runningBroker(folder);
  if (running !== undefined && options.port !== undefined && port !== 0 && running.port !== port) {
    throw new BrokerFailure(`a broker runs on port ${running.port} already: npm run kafka:stop ends it`);
  }
  const broker = running ?? (await startBroker({ folder, port }));
  console.log(`kafka://127.0.0.1:${broker.port}`);
});
