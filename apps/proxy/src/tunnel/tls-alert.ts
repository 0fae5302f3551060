/** RFC 8446 6: fatal alerts in the clear, before any key is agreed. */
const DESCRIPTION = { accessDenied: 49, unrecognizedName: 112 } as const;

export function tlsAlert(description: keyof typeof DESCRIPTION): Buffer {
  return Buffer.from([0x15, 0x03, 0x03, 0x00, 0x02, 0x02, DESCRIPTION[description]]);
}
