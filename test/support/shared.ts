/**
 * Results and data of others live beside a checkout, not in it. Without them their tests are skipped and say so; where
 * they are required (QT_REQUIRE_SHARED=1) that is a failure.
 */
export function requireShared(present: boolean, what: string): void {
  if (present) return;
  if (process.env.QT_REQUIRE_SHARED === '1')
    throw new Error(`${what}: required, but not beside this checkout`);
  console.warn(`skipped: ${what} are not beside this checkout`);
}
