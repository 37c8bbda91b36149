/** What a driver is known to break. Its list lives with the driver; an entry that no longer matches anything fails the run. */
export interface ExpectedFailure {
  readonly rule: string;
  /** A part of the message, so that the rule may not be broken in another way unnoticed. */
  readonly message: string;
  /** The mode, when only one shows it. */
  readonly mode?: string;
}
