/** An append-only byte buffer that grows by doubling. */
export class ByteWriter {
  #bytes = new Uint8Array(1 << 16);
  #length = 0;

  byte(value: number): void {
    if (this.#length === this.#bytes.length) this.#grow(1);
    this.#bytes[this.#length++] = value;
  }

  append(bytes: Uint8Array): void {
    if (this.#length + bytes.length > this.#bytes.length) this.#grow(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** A whole number from 0 to 2^53, seven bits a byte, the lowest first. */
  unsigned(value: number): void {
    // Bit operations are 32 bits wide; larger numbers are divided down first.
    while (value >= 0x8000_0000) {
      this.byte((value % 128) | 128);
      value = Math.floor(value / 128);
    }
    while (value >= 128) {
      this.byte((value & 127) | 128);
      value >>>= 7;
    }
    this.byte(value);
  }

  /** What was written, as a view. */
  view(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#length);
  }

  #grow(more: number): void {
    const larger = new Uint8Array(Math.max(this.#length + more, this.#bytes.length * 2));
    larger.set(this.#bytes);
    this.#bytes = larger;
  }
}

/** Reads what {@link ByteWriter} wrote. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  #position = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  byte(): number {
    return this.#bytes[this.#position++];
  }

  take(length: number): Uint8Array {
    this.#position += length;
    return this.#bytes.subarray(this.#position - length, this.#position);
  }

  unsigned(): number {
    const bytes = this.#bytes;
    let byte = bytes[this.#position++];
    let value = byte & 127;
    // The first four bytes fit into 28 bits, where shifts are exact; most numbers end there.
    for (let shift = 7; byte >= 128 && shift < 28; shift += 7) {
      byte = bytes[this.#position++];
      value |= (byte & 127) << shift;
    }
    for (let scale = 2 ** 28; byte >= 128; scale *= 128) {
      byte = bytes[this.#position++];
      value += (byte & 127) * scale;
    }
    return value;
  }
}
