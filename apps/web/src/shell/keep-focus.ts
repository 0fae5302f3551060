/** Elements that had the focus, the last one first. */
const MOST_REMEMBERED = 24;
const HOMES = '[role=dialog], [data-focus-home], section[aria-label], aside, nav, form, ul[aria-label], main';

const canHold = (element: HTMLElement): boolean =>
  element.isConnected && !element.matches(':disabled, [inert] *, [hidden] *') && element.getClientRects().length > 0;

/** The nearest of those around it that is still there, or what was looked at before. */
function homeOf(path: readonly HTMLElement[], earlier: readonly HTMLElement[]): HTMLElement | null {
  const around = path.find((element) => canHold(element) && element.matches(HOMES) && element.localName !== 'main');
  const home = around?.querySelector<HTMLElement>('[data-focus-home]');
  if (home !== null && home !== undefined && canHold(home)) return home;
  return around ?? earlier.find(canHold) ?? document.querySelector('main');
}

function land(element: HTMLElement): void {
  if (element.tabIndex < 0 && !element.hasAttribute('tabindex')) element.tabIndex = -1;
  element.focus({ preventScroll: true });
}

/** Those around an element, itself first. */
function pathOf(element: HTMLElement): HTMLElement[] {
  const path: HTMLElement[] = [];
  for (let at: HTMLElement | null = element; at !== null && at !== document.body; at = at.parentElement) path.push(at);
  return path;
}

/**
 * Whoever uses the keyboard never loses the place: when what has the focus goes away (a dialog closes, a card is decided, a
 * row is deleted), what was around it or what had the focus before gets it. Returns how to stop that.
 */
export function keepFocus(): () => void {
  let path: readonly HTMLElement[] = [];
  let earlier: HTMLElement[] = [];
  let looking = 0;
  const remember = ({ target }: FocusEvent): void => {
    if (!(target instanceof HTMLElement) || target === document.body) return;
    path = pathOf(target);
    earlier = [target, ...earlier.filter((element) => element !== target && element.isConnected)].slice(
      0,
      MOST_REMEMBERED,
    );
  };
  const look = (): void => {
    looking = 0;
    const [focused] = path;
    const active = document.activeElement;
    const isLost = !(active instanceof HTMLElement) || active === document.body || !canHold(active);
    if (!isLost || focused === undefined || canHold(focused)) return;
    const cover = document.querySelector<HTMLElement>('[role=dialog], [role=menu]');
    // What is open over the page takes the focus itself when it comes.
    const home = cover === null ? homeOf(path, earlier) : path.find((element) => element === cover);
    if (home !== null && home !== undefined) land(home);
  };
  // After the frame in which it went away: what closes gives the focus back by itself, if it can.
  const soon = (): void => void (looking ||= requestAnimationFrame(() => requestAnimationFrame(look)));
  const observer = new MutationObserver(soon);
  document.addEventListener('focusin', remember);
  document.addEventListener('focusout', soon);
  observer.observe(document.body, {
    childList: true,
    subtree: true,
    attributeFilter: ['class', 'disabled', 'hidden', 'inert'],
  });
  return () => {
    cancelAnimationFrame(looking);
    document.removeEventListener('focusin', remember);
    document.removeEventListener('focusout', soon);
    observer.disconnect();
  };
}
