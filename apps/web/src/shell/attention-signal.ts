/** The tab tells what waits for a person: a number in its title, a mark on its icon. */
export function showAttention(waiting: number): void {
  document.title = waiting > 0 ? `(${waiting}) Aileron` : 'Aileron';
  const link = document.querySelector<HTMLLinkElement>('link[rel="icon"]') ?? addIcon();
  link.href = `data:image/svg+xml,${encodeURIComponent(iconOf(waiting))}`;
}

function addIcon(): HTMLLinkElement {
  const link = document.createElement('link');
  link.rel = 'icon';
  link.type = 'image/svg+xml';
  document.head.append(link);
  return link;
}

/** A wing with its aileron up; the number in a corner. */
function iconOf(waiting: number): string {
  const mark =
    waiting === 0
      ? ''
      : `<circle cx="22" cy="10" r="9" fill="#b45309"/><text x="22" y="14.5" font-family="sans-serif" font-size="13" font-weight="700" text-anchor="middle" fill="#fff">${waiting > 9 ? '9+' : waiting}</text>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#1b4fd6"/><path d="M5 20h14l3-5h5v2h-4l-3 6H5z" fill="#fff"/>${mark}</svg>`;
}
