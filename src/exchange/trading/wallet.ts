import { type Amount, least } from './amount.ts';

interface Holding {
  free: Amount;
  locked: Amount;
}

/** What an account has of each asset. Nothing in it is ever negative. */
export class Wallet {
  readonly #holdings = new Map<string, Holding>();
  readonly #changed = new Set<string>();

  constructor(balances: Iterable<readonly [string, Amount]>) {
    for (const [asset, free] of balances) this.#holdings.set(asset, { free, locked: 0n });
  }

  free(asset: string): Amount {
    return this.#holdings.get(asset)?.free ?? 0n;
  }

  locked(asset: string): Amount {
    return this.#holdings.get(asset)?.locked ?? 0n;
  }

  get assets(): readonly string[] {
    return [...this.#holdings.keys()];
  }

  /** False, and nothing has changed, when there is not enough. */
  lock(asset: string, amount: Amount): boolean {
    const holding = this.#of(asset);
    if (amount > holding.free) return false;
    holding.free -= amount;
    holding.locked += amount;
    return true;
  }

  unlock(asset: string, amount: Amount): void {
    const holding = this.#of(asset);
    holding.locked -= amount;
    holding.free += amount;
  }

  add(asset: string, amount: Amount): void {
    this.#of(asset).free += amount;
  }

  /** False, and nothing has changed, when there is not enough. */
  spend(asset: string, amount: Amount): boolean {
    const holding = this.#of(asset);
    if (amount > holding.free) return false;
    holding.free -= amount;
    return true;
  }

  spendLocked(asset: string, amount: Amount): void {
    this.#of(asset).locked -= amount;
  }

  /** Assets that have changed since this was last asked. */
  takeChanged(): readonly string[] {
    const changed = [...this.#changed];
    this.#changed.clear();
    return changed;
  }

  #of(asset: string): Holding {
    this.#changed.add(asset);
    let holding = this.#holdings.get(asset);
    if (holding === undefined) {
      holding = { free: 0n, locked: 0n };
      this.#holdings.set(asset, holding);
    }
    return holding;
  }
}

/** What is locked for an order, or for all orders of a list of which one cancels the others. */
export class Reservation {
  readonly asset: string;
  readonly #wallet: Wallet;
  #left: Amount = 0n;

  constructor(wallet: Wallet, asset: string) {
    this.#wallet = wallet;
    this.asset = asset;
  }

  get left(): Amount {
    return this.#left;
  }

  /** Locks more; false, and nothing has changed, when there is not enough. */
  take(amount: Amount): boolean {
    if (!this.#wallet.lock(this.asset, amount)) return false;
    this.#left += amount;
    return true;
  }

  /** True when so much could be spent: what is locked here, and what is free. */
  covers(amount: Amount): boolean {
    return amount <= this.#left + this.#wallet.free(this.asset);
  }

  /** Spends what is locked here first, then what is free; false, and nothing has changed, when both are not enough. */
  spend(amount: Amount): boolean {
    const own = least(amount, this.#left);
    if (!this.#wallet.spend(this.asset, amount - own)) return false;
    this.#wallet.spendLocked(this.asset, own);
    this.#left -= own;
    return true;
  }

  /** Gives back what is above `amount`. */
  shrink(amount: Amount): void {
    if (this.#left <= amount) return;
    this.#wallet.unlock(this.asset, this.#left - amount);
    this.#left = amount;
  }

  release(): void {
    this.shrink(0n);
  }
}
