import { useState } from 'react';
import { z } from 'zod';

/** How somebody arranged a workspace: widths in pixels, and which of the outer regions are shown. */
const Layout = z.object({
  list: z.boolean(),
  listWidth: z.number(),
  conversationWidth: z.number(),
  details: z.boolean(),
  detailsWidth: z.number(),
});
export type Layout = z.infer<typeof Layout>;

export const WIDTHS = {
  list: { min: 160, max: 360 },
  conversation: { min: 320, max: 1_100 },
  details: { min: 220, max: 480 },
} as const;

const keyOf = (workspaceId: string): string => `aileron.layout.${workspaceId}`;

/** What fits the window at first. */
export function defaultLayout(windowWidth: number): Layout {
  const [list, details] = [windowWidth >= 1_280, windowWidth >= 1_400];
  const rest = windowWidth - 56 - (list ? 208 : 0) - (details ? 264 : 0);
  return { list, listWidth: 208, conversationWidth: Math.round(rest * 0.52), details, detailsWidth: 264 };
}

function read(workspaceId: string): Layout {
  try {
    return Layout.parse(JSON.parse(localStorage.getItem(keyOf(workspaceId)) ?? ''));
  } catch {
    return defaultLayout(innerWidth);
  }
}

/** The arrangement of a workspace, kept in this browser. */
export function useLayout(workspaceId: string): readonly [Layout, (change: Partial<Layout>) => void] {
  const [state, setState] = useState(() => ({ workspaceId, layout: read(workspaceId) }));
  const current = state.workspaceId === workspaceId ? state : { workspaceId, layout: read(workspaceId) };
  if (current !== state) setState(current);
  const change = (part: Partial<Layout>) => {
    const layout = { ...current.layout, ...part };
    localStorage.setItem(keyOf(workspaceId), JSON.stringify(layout));
    setState({ workspaceId, layout });
  };
  return [current.layout, change];
}
