import type { ConversationItem, ConversationView } from './conversation-view.js';
import { VIEW_LIMITS } from './event-limits.js';

export function appendItem(view: ConversationView, item: ConversationItem): ConversationView {
  return { ...view, items: [...view.items, item], characters: view.characters + charactersOf(item) };
}

/** The item under this key changed, from the end because that is where changes happen; null when it is not kept. */
export function changeItem<T extends ConversationItem>(
  view: ConversationView,
  key: string,
  type: T['type'],
  change: (item: T) => T,
): ConversationView | null {
  const index = view.items.findLastIndex((item) => item.key === key);
  const item = view.items[index];
  if (item?.type !== type) return null;
  const changed = change(item as T);
  if (changed === item) return view;
  const characters = view.characters - charactersOf(item) + charactersOf(changed);
  return { ...view, items: view.items.with(index, changed), characters };
}

/** Drops the oldest items over the limits, but never the last one. */
export function trimItems(view: ConversationView): ConversationView {
  let { characters } = view;
  let drop = Math.max(0, view.items.length - VIEW_LIMITS.items);
  for (const item of view.items.slice(0, drop)) characters -= charactersOf(item);
  while (characters > VIEW_LIMITS.characters && drop < view.items.length - 1) {
    const item = view.items[drop];
    if (item !== undefined) characters -= charactersOf(item);
    drop += 1;
  }
  if (drop === 0) return view;
  return { ...view, items: view.items.slice(drop), droppedItems: view.droppedItems + drop, characters };
}

/** Without its oldest items, which it counts. */
export function dropOldestItems(view: ConversationView, count: number): ConversationView {
  const items = view.items.slice(count);
  const characters = items.reduce((total, item) => total + charactersOf(item), 0);
  return { ...view, items, droppedItems: view.droppedItems + view.items.length - items.length, characters };
}

export function charactersOf(item: ConversationItem): number {
  switch (item.type) {
    case 'message':
      return item.text.length;
    case 'tool':
      return jsonLength(item.input) + (item.result?.text.length ?? 0) + jsonLength(item.diff);
    case 'prompt':
      return jsonLength(item.request);
    case 'notice':
    case 'error':
      return item.text.length;
    case 'gap':
      return 0;
  }
}

const jsonLength = (value: unknown): number => (value === null ? 0 : JSON.stringify(value).length);
