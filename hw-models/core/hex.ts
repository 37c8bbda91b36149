/**
 * The one way in which numbers are shown: hexadecimal, `_` every four digits.
 */

/**
 * `0x1_2000_0000` for `0x120000000n`. A negative value keeps its sign.
 * @param digits Shortest number of digits, filled with zeros; 1 unless told.
 * Throws `RangeError` for a number that is not an integer.
 */
export function hex(value: bigint | number, digits = 1): string {
  const whole = BigInt(value);
  const magnitude = (whole < 0n ? -whole : whole).toString(16).padStart(digits, '0');
  const grouped = magnitude.replace(/\B(?=(?:.{4})+$)/g, '_');
  return `${whole < 0n ? '-' : ''}0x${grouped}`;
}

const HEX = /^0x[0-9a-f]+(?:_[0-9a-f]+)*$/i;

/** The value of `0x1_2000_0000`; underscores may stand between any two digits. Throws `SyntaxError` for anything else. */
export function parseHex(text: string): bigint {
  if (!HEX.test(text)) throw new SyntaxError(`${JSON.stringify(text)} is not a hexadecimal number such as 0x8000_0000`);
  return BigInt(text.replaceAll('_', ''));
}
