/** C0 and C1 controls, zero-width characters and bidirectional controls: what could hide or imitate text. */
const HIDDEN =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]/gu;

/** Text of an agent or an upstream: what would be invisible or reorder it is shown as what it is. */
export const VisibleText = ({ text }: { readonly text: string }) => {
  const parts: (string | { readonly code: string })[] = [];
  let from = 0;
  for (const match of text.matchAll(HIDDEN)) {
    parts.push(text.slice(from, match.index), {
      code: `U+${(match[0].codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`,
    });
    from = match.index + match[0].length;
  }
  parts.push(text.slice(from));
  return (
    <bdi>
      {parts.map((part, index) =>
        typeof part === 'string' ? (
          part
        ) : (
          <span key={index} className="mx-0.5 rounded border border-warn/50 px-1 text-xs text-warn">
            {part.code}
          </span>
        ),
      )}
    </bdi>
  );
};
