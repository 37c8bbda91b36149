/** What became of a driver that does not live among us: it broke the protocol, its process ended, its module trapped. */
export class DriverFailure extends Error {
  override readonly name: string = 'DriverFailure';

  /** @param what A phrase that follows `the driver`. */
  constructor(what: string) {
    super(what);
  }
}
