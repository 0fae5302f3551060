import { useSyncExternalStore } from 'react';

export type Theme = 'light' | 'dark';
const KEY = 'aileron.theme';
const dark = matchMedia('(prefers-color-scheme: dark)');
const listeners = new Set<() => void>();

const chosen = (): Theme | null => {
  const value = localStorage.getItem(KEY);
  return value === 'light' || value === 'dark' ? value : null;
};
const current = (): Theme => chosen() ?? (dark.matches ? 'dark' : 'light');

function apply(): void {
  document.documentElement.dataset['theme'] = current();
  for (const listener of listeners) listener();
}

/** Before the first paint, and whenever the system changes its mind. */
export function startTheme(): void {
  dark.addEventListener('change', apply);
  apply();
}

export function useTheme(): readonly [Theme, (theme: Theme) => void] {
  const theme = useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, current);
  return [
    theme,
    (next) => {
      localStorage.setItem(KEY, next);
      apply();
    },
  ];
}
