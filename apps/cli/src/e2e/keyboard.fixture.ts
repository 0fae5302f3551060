// A person without a pointer: goes by Tab, and looks after every key where the focus is.
import type { Page } from 'playwright-core';
import { eventually } from './running-service.fixture.js';

export interface Focused {
  /** As it is read out. */
  readonly name: string;
  /** An outline is drawn around it or around what holds it, in sight. */
  readonly isShown: boolean;
}

/** Of the page: null where nothing has the focus. */
const FOCUSED = `(() => {
  const focused = document.activeElement;
  if (focused === null || focused === document.body) return null;
  const named = focused.getAttribute('aria-label') ?? focused.labels?.[0]?.textContent ?? focused.textContent;
  const around = [focused];
  while (around.length < 6 && around.at(-1).parentElement !== null) around.push(around.at(-1).parentElement);
  const isOutlined = (element) => {
    const { outlineStyle, outlineWidth } = getComputedStyle(element);
    return outlineStyle !== 'none' && parseFloat(outlineWidth) >= 1;
  };
  const isInSight = (element) => {
    const { top, bottom, left, right } = element.getBoundingClientRect();
    return bottom > 0 && right > 0 && top < innerHeight && left < innerWidth;
  };
  return {
    name: (named ?? '').trim().replace(/\\s+/g, ' ').slice(0, 200),
    isShown: around.some((element) => isOutlined(element) && isInSight(element)),
  };
})()`;

const POINTERS = `window.pointerEvents = 0;
for (const type of ['pointerdown', 'mousedown', 'touchstart', 'wheel'])
  addEventListener(type, () => { window.pointerEvents += 1; }, { capture: true });`;

/** More than any page has to be tabbed through. */
const MOST_STEPS = 200;
const NOTICED_MS = 30_000;

export class Keyboard {
  constructor(private readonly page: Page) {}

  /** From the next page that is loaded on, what a pointer does is counted. */
  async countPointers(): Promise<void> {
    await this.page.addInitScript(POINTERS);
  }

  pointerEvents(): Promise<unknown> {
    return this.page.evaluate('window.pointerEvents');
  }

  focused(): Promise<Focused | null> {
    return this.page.evaluate<Focused | null>(FOCUSED);
  }

  /** @throws when the focus is nowhere after it, or cannot be seen */
  async press(...keys: string[]): Promise<void> {
    for (const key of keys) await this.page.keyboard.press(key);
    await this.assertFocus(keys.join(' '));
  }

  async type(text: string): Promise<void> {
    await this.page.keyboard.type(text);
    await this.assertFocus(text);
  }

  /** Presses Tab until what is called so has the focus. @throws after so many, with what was passed */
  async tabTo(name: RegExp): Promise<void> {
    const passed: string[] = [];
    for (let step = 0; step < MOST_STEPS; step += 1) {
      const focused = await this.focused();
      if (focused !== null && name.test(focused.name)) return await this.assertFocus(`Tab to ${name}`);
      passed.push(focused?.name ?? '(nothing)');
      await this.page.keyboard.press('Tab');
    }
    throw new Error(`nothing called ${name} takes the focus; there were ${[...new Set(passed)].join(' | ')}`);
  }

  async isAt(name: RegExp): Promise<void> {
    let last: Focused | null = null;
    await eventually(async () => {
      last = await this.focused();
      return last !== null && name.test(last.name);
    }, NOTICED_MS).catch(() => {
      throw new Error(`the focus is not at ${name} but at ${JSON.stringify(last)}`);
    });
  }

  private async assertFocus(after: string): Promise<void> {
    let last: Focused | null = null;
    await eventually(async () => {
      last = await this.focused();
      return last?.isShown === true;
    }, NOTICED_MS).catch(() => {
      throw new Error(`after ${after} the focus is lost or cannot be seen: ${JSON.stringify(last)}`);
    });
  }
}
