import type { Timer } from '../ports/timer.js';

export const systemTimer: Timer = {
  after(milliseconds, work) {
    const handle = setTimeout(work, milliseconds);
    return () => clearTimeout(handle);
  },
};
