import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** A TCP connection on which anything may be written. */
export async function rawSocket(url: string): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => {});
  onTestFinished(() => {
    socket.destroy();
  });
  await once(socket, 'connect');
  return socket;
}

export const HANDSHAKE = [
  'GET / HTTP/1.1',
  'Host: 127.0.0.1',
  'Upgrade: websocket',
  'Connection: Upgrade',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  'Sec-WebSocket-Version: 13',
  '\r\n',
].join('\r\n');

/** A websocket by hand: connected, with the answer to its handshake read. */
export async function rawWebSocket(url: string): Promise<Socket> {
  const socket = await rawSocket(url);
  socket.write(HANDSHAKE);
  await once(socket, 'data');
  return socket;
}

/** A frame of a client's, right or wrong. */
export function clientFrame(
  opcode: number,
  payload: Buffer,
  { fin = true, masked = true, rsv = 0, length = payload.length } = {},
): Buffer {
  const header = [(fin ? 0x80 : 0) | rsv | opcode];
  const mark = masked ? 0x80 : 0;
  if (length < 126) header.push(mark | length);
  else if (length < 65_536) header.push(mark | 126, length >> 8, length & 255);
  else {
    const wide = Buffer.alloc(8);
    wide.writeBigUInt64BE(BigInt(length));
    header.push(mark | 127, ...wide);
  }
  if (!masked) return Buffer.concat([Buffer.from(header), payload]);
  const mask = randomBytes(4);
  return Buffer.concat([Buffer.from(header), mask, payload.map((byte, at) => byte ^ mask[at & 3])]);
}
