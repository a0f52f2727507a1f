import { constants, deflateRawSync } from 'node:zlib';

/** Texts shorter than this are not worth compressing, bytes. */
const LEAST_DEFLATED = 1024;

/** One websocket message of the server's as it goes over the wire, header and all: made once, written to every client. */
export class Frame {
  readonly #text: Buffer;
  readonly plain: Buffer;
  #deflated: Buffer | undefined;

  constructor(text: string) {
    this.#text = Buffer.from(text);
    this.plain = framed(this.#text, false);
  }

  /**
   * The same compressed by itself: without the memory of what was sent before (`server_no_context_takeover`), every
   * client's is the same.
   */
  get deflated(): Buffer {
    if (this.#text.length < LEAST_DEFLATED) return this.plain;
    this.#deflated ??= framed(deflate(this.#text), true);
    return this.#deflated;
  }
}

/** A text message of a server's, whole and unmasked (RFC 6455, 5.2); `rsv1` marks a compressed one (RFC 7692). */
function framed(payload: Buffer, rsv1: boolean): Buffer {
  const { length } = payload;
  const header = length < 126 ? 2 : length < 65_536 ? 4 : 10;
  const frame = Buffer.allocUnsafe(header + length);
  frame[0] = rsv1 ? 0xc1 : 0x81;
  frame[1] = header === 2 ? length : header === 4 ? 126 : 127;
  if (header === 4) frame.writeUInt16BE(length, 2);
  if (header === 10) frame.writeBigUInt64BE(BigInt(length), 2);
  payload.copy(frame, header);
  return frame;
}

function deflate(payload: Buffer): Buffer {
  const whole = deflateRawSync(payload, { finishFlush: constants.Z_SYNC_FLUSH, level: 3 });
  // RFC 7692, 7.2.1: the end of a sync flush, 00 00 ff ff, is left out.
  return whole.subarray(0, whole.length - 4);
}
