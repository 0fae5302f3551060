import { useSyncExternalStore } from 'react';

const wide = matchMedia('(min-width: 1024px)');

/** Whether there is room for regions side by side. */
export function useWide(): boolean {
  return useSyncExternalStore(
    (listener) => {
      wide.addEventListener('change', listener);
      return () => wide.removeEventListener('change', listener);
    },
    () => wide.matches,
  );
}
