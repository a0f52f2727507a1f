// Ends the broker of kafka-start.js and removes what it kept.
import { removeBroker, stopBroker } from './kafka/broker.js';
import { main, optionsOf } from './kafka/options.js';

const HELP = `npm run kafka:stop -- [--folder FOLDER] [--keep]
  --folder  as given to kafka:start
  --keep    leave the data for the next start`;

await main(async () => {
  const { folder, keep } = optionsOf(HELP, { keep: { type: 'boolean' } });
  const ran = await stopBroker(folder);
  if (keep !== true) removeBroker(folder);
  console.log(ran ? 'The broker has ended' : 'No broker was running');
});
