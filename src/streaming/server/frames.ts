import { constants, deflateRawSync } from 'node:zlib';

/** Texts shorter than this are not worth compressing, bytes. */
const LEAST_DEFLATED = 1024;
/** The longest header of a frame, bytes. */
const MOST_HEADER = 10;
/** Memory that a maker of frames keeps; a longer frame has memory of its own, bytes. */
const KEPT_BYTES = 64 * 1024;
/** Bytes of UTF-8 that a UTF-16 unit may need. */
const MOST_BYTES_UNIT = 3;

/** One websocket message of the server's as it goes over the wire, header and all: made once, written to every client. */
export class Frame {
  /** The frame, behind the place of the longest header. */
  readonly #memory: Buffer;
  readonly #end: number;
  readonly plain: Buffer;
  #deflated: Buffer | undefined;

  constructor(text: string, memory?: Buffer) {
    const isRoom = memory !== undefined && MOST_HEADER + text.length * MOST_BYTES_UNIT <= memory.length;
    this.#memory = isRoom ? memory : Buffer.allocUnsafe(MOST_HEADER + Buffer.byteLength(text));
    this.#end = MOST_HEADER + this.#memory.write(text, MOST_HEADER);
    this.plain = withHeader(this.#memory, this.#end, false);
  }

  /**
   * The same compressed by itself: without the memory of what was sent before (`server_no_context_takeover`), every
   * client's is the same.
   */
  get deflated(): Buffer {
    const text = this.#memory.subarray(MOST_HEADER, this.#end);
    if (text.length < LEAST_DEFLATED) return this.plain;
    this.#deflated ??= deflated(text);
    return this.#deflated;
  }
}

/** Makes one frame after the other in the same memory: each is good until the next one. */
export class FrameMaker {
  readonly #memory = Buffer.allocUnsafeSlow(KEPT_BYTES);

  of(text: string): Frame {
    return new Frame(text, this.#memory);
  }
}

/**
 * Puts the header of a text message of a server's, whole and unmasked (RFC 6455, 5.2), right before its payload; `rsv1`
 * marks a compressed one (RFC 7692).
 */
function withHeader(memory: Buffer, end: number, rsv1: boolean): Buffer {
  const length = end - MOST_HEADER;
  const header = length < 126 ? 2 : length < 65_536 ? 4 : MOST_HEADER;
  const at = MOST_HEADER - header;
  memory[at] = rsv1 ? 0xc1 : 0x81;
  memory[at + 1] = header === 2 ? length : header === 4 ? 126 : 127;
  if (header === 4) memory.writeUInt16BE(length, at + 2);
  if (header === MOST_HEADER) memory.writeBigUInt64BE(BigInt(length), at + 2);
  return memory.subarray(at, end);
}

function deflated(payload: Buffer): Buffer {
  const whole = deflateRawSync(payload, { finishFlush: constants.Z_SYNC_FLUSH, level: 3 });
  // RFC 7692, 7.2.1: the end of a sync flush, 00 00 ff ff, is left out.
  const length = whole.length - 4;
  const memory = Buffer.allocUnsafe(MOST_HEADER + length);
  whole.copy(memory, MOST_HEADER, 0, length);
  return withHeader(memory, MOST_HEADER + length, true);
}
