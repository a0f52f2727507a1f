import { spawn, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { BrokerFailure, kafkaJars } from './jars.js';

const HOST = '127.0.0.1';
const READY_MS = 60_000;
const STOP_MS = 20_000;

/**
 * One node of Apache Kafka, broker and controller at once (KRaft), on loopback, with everything it has in one folder:
 * `broker.json` says which process it is.
 *
 * @typedef {{ port: number, controllerPort: number, pid: number }} Running
 * @typedef {{ folder: string, port?: number, properties?: Record<string, string>, formatArguments?: string[], javaArguments?: string[] }} BrokerOptions
 */

/**
 * Starts a broker, with the data of an earlier one in the same folder; resolves when it answers.
 * @param {BrokerOptions} options `port` 0: a free one, and then the same one again
 * @returns {Promise<Running>}
 */
export async function startBroker({
  folder,
  port = 0,
  properties = {},
  formatArguments = [],
  javaArguments = [],
}) {
  const jars = kafkaJars();
  const before = stateOf(folder);
  mkdirSync(folder, { recursive: true });
  const own = {
    port: port === 0 ? (before?.port ?? (await freePort())) : port,
    controllerPort: before?.controllerPort ?? (await freePort()),
  };
  if (before !== undefined && isRunning(before.pid, folder)) {
    throw new BrokerFailure(`a broker is running in ${folder} already, process ${before.pid}`);
  }
  // Otherwise the answer of whoever has it would be taken for ours.
  await freePort(own.port);
  const data = join(folder, 'data');
  const config = join(folder, 'server.properties');
  writeFileSync(config, propertiesText({ ...serverProperties(own, data), ...properties }));
  const java = ['-Xms128m', '-Xmx512m', '-XX:+UseSerialGC', ...javaArguments, '-cp', join(jars, '*')];
  if (!existsSync(join(data, 'meta.properties'))) {
    const tool = ['kafka.tools.StorageTool', 'format', '-t', 'cXQtdHJhZGVyLWRldi0wMQ', '-c', config];
    const { status, stderr, stdout } = spawnSync('java', [...java, ...tool, ...formatArguments], {
      encoding: 'utf8',
    });
    if (status !== 0)
      throw new BrokerFailure(`the data folder cannot be made: ${lastLine(stderr || stdout)}`);
  }
  const log = openSync(join(folder, 'broker.log'), 'a');
  const child = spawn('java', [...java, `-Dbroker.folder=${folder}`, 'kafka.Kafka', config], {
    detached: true,
    stdio: ['ignore', log, log],
  });
  let ended = false;
  child.once('exit', () => {
    ended = true;
  });
  child.unref();
  if (child.pid === undefined) throw new BrokerFailure('java cannot be started');
  const running = { ...own, pid: child.pid };
  writeFileSync(join(folder, 'broker.json'), `${JSON.stringify(running)}\n`);
  const deadline = Date.now() + READY_MS;
  while (!(await answers(running.port))) {
    if (ended || Date.now() > deadline) {
      if (!ended) child.kill('SIGKILL');
      const why = ended ? 'ended' : `did not answer within ${READY_MS / 1000} s`;
      throw new BrokerFailure(
        `the broker ${why}: ${lastLine(readFileSync(join(folder, 'broker.log'), 'utf8'))}`,
      );
    }
    await sleep(100);
  }
  return running;
}

/**
 * Ends the broker of a folder, if one runs there; resolves when the process is gone.
 * @param {string} folder @param {'SIGTERM' | 'SIGKILL'} signal
 * @returns {Promise<boolean>} whether one ran
 */
export async function stopBroker(folder, signal = 'SIGTERM') {
  const state = stateOf(folder);
  if (state === undefined || !isRunning(state.pid, folder)) return false;
  process.kill(state.pid, signal);
  const deadline = Date.now() + STOP_MS;
  while (isRunning(state.pid, folder)) {
    if (Date.now() > deadline) process.kill(state.pid, 'SIGKILL');
    await sleep(50);
  }
  return true;
}

/** @param {string} folder @returns {Running | undefined} the broker that runs there */
export function runningBroker(folder) {
  const state = stateOf(folder);
  return state !== undefined && isRunning(state.pid, folder) ? state : undefined;
}

/**
 * Removes what a broker kept; a folder in which none has run is left alone.
 * @param {string} folder
 */
export function removeBroker(folder) {
  if (stateOf(folder) === undefined) return;
  for (const name of ['data', 'server.properties', 'broker.log', 'broker.json']) {
    rmSync(join(folder, name), { recursive: true, force: true });
  }
  if (readdirSync(folder).length === 0) rmdirSync(folder);
}

/** @param {string} folder @returns {Running | undefined} */
function stateOf(folder) {
  try {
    return JSON.parse(readFileSync(join(folder, 'broker.json'), 'utf8'));
  } catch {
    return undefined;
  }
}

/**
 * A number of a process may have gone to another one since: ours names its folder.
 * @param {number} pid @param {string} folder
 */
function isRunning(pid, folder) {
  const { stdout } = spawnSync('ps', ['-p', String(pid), '-ww', '-o', 'args='], { encoding: 'utf8' });
  return (stdout ?? '').includes(`-Dbroker.folder=${folder} `);
}

/** @param {{ port: number, controllerPort: number }} ports @param {string} data */
function serverProperties({ port, controllerPort }, data) {
  return {
    'process.roles': 'broker,controller',
    'node.id': '1',
    'controller.quorum.voters': `1@${HOST}:${controllerPort}`,
    'controller.listener.names': 'CONTROLLER',
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'inter.broker.listener.name': 'PLAINTEXT',
    listeners: `PLAINTEXT://${HOST}:${port},CONTROLLER://${HOST}:${controllerPort}`,
    'advertised.listeners': `PLAINTEXT://${HOST}:${port}`,
    'log.dirs': data,
    'num.partitions': '3',
    'offsets.topic.num.partitions': '5',
    'offsets.topic.replication.factor': '1',
    'transaction.state.log.num.partitions': '5',
    'transaction.state.log.replication.factor': '1',
    'transaction.state.log.min.isr': '1',
    'share.coordinator.state.topic.replication.factor': '1',
    'share.coordinator.state.topic.min.isr': '1',
    'group.initial.rebalance.delay.ms': '0',
  };
}

/** @param {Record<string, string>} properties */
function propertiesText(properties) {
  return Object.entries(properties)
    .map(([name, value]) => `${name}=${value.replaceAll('\\', '\\\\')}\n`)
    .join('');
}

/**
 * A port that nobody has; the given one, or else BrokerFailure.
 * @param {number} port @returns {Promise<number>}
 */
export function freePort(port = 0) {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', () =>
      reject(new BrokerFailure(`port ${port} is taken: give another, or 0 for a free one`)),
    );
    server.listen(port, HOST, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

/**
 * Whether the broker answers an ApiVersions request, version 0, the one that needs no agreement: a port alone is open
 * before requests are taken.
 * @param {number} port @returns {Promise<boolean>}
 */
function answers(port) {
  return new Promise(resolve => {
    const socket = connect(port, HOST);
    const end = (/** @type {boolean} */ answered) => {
      socket.destroy();
      resolve(answered);
    };
    socket.setTimeout(1000, () => end(false));
    socket.once('error', () => end(false));
    socket.once('close', () => end(false));
    socket.once('data', () => end(true));
    // Length 10; api key 18, version 0, correlation 1, no client id.
    socket.once('connect', () => socket.write(Buffer.from('0000000a0012000000000001ffff', 'hex')));
  });
}

/** @param {string} text */
function lastLine(text) {
  const lines = text.trim().split('\n');
  const wrong = lines.findLast(line => /ERROR|FATAL|Exception/.test(line));
  return (wrong ?? lines.at(-1) ?? '').slice(0, 300);
}
