/** A value as text. What others wrote is not allowed to steer the terminal it is printed on: control characters go. */
export function plainText(value: unknown): string {
  if (value === null || value === undefined) return '-';
  return withoutControls(typeof value === 'string' ? value : JSON.stringify(value));
}

/** All of Unicode's control characters but tab and line feed. */
export const withoutControls = (text: string): string => text.replaceAll(/[^\P{Cc}\t\n]/gu, '\ufffd');
