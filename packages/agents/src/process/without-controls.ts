/** Runs of control characters (Unicode's category Cc: C0, DEL and C1) as one space: they could act on a terminal. */
export const withoutControls = (text: string): string => text.replaceAll(/\p{Cc}+/gu, ' ');
