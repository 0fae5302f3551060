import { type KeyboardEvent, type PointerEvent as ReactPointerEvent, useRef } from 'react';
import { classNames } from './class-names.js';

export interface SplitterProps {
  readonly label: string;
  /** Width of what it resizes, in pixels. */
  readonly size: number;
  readonly min: number;
  readonly max: number;
  /** Which side of the splitter is resized. */
  readonly side: 'before' | 'after';
  readonly onResize: (size: number) => void;
}

const STEP = 24;

function useHandlers({ size, min, max, side, onResize }: Omit<SplitterProps, 'label'>) {
  const start = useRef<{ x: number; size: number } | null>(null);
  const sign = side === 'before' ? 1 : -1;
  const set = (next: number) => onResize(Math.round(Math.min(max, Math.max(min, next))));
  return {
    onKeyDown: (event: KeyboardEvent) => {
      const by = { ArrowRight: STEP, ArrowLeft: -STEP }[event.key];
      if (by !== undefined) set(size + sign * by);
      else if (event.key === 'Home') set(min);
      else if (event.key === 'End') set(max);
      else return;
      event.preventDefault();
    },
    onPointerDown: (event: ReactPointerEvent<HTMLDivElement>) => {
      start.current = { x: event.clientX, size };
      event.currentTarget.setPointerCapture(event.pointerId);
    },
    onPointerMove: (event: ReactPointerEvent) => {
      if (start.current !== null) set(start.current.size + sign * (event.clientX - start.current.x));
    },
    onPointerUp: () => {
      start.current = null;
    },
  };
}

/** A border that is dragged, or moved by the arrow keys. */
export const Splitter = ({ label, size, min, max, side, onResize }: SplitterProps) => {
  const handlers = useHandlers({ size, min, max, side, onResize });
  return (
    <div
      role="separator"
      tabIndex={0}
      aria-label={label}
      aria-orientation="vertical"
      aria-valuenow={size}
      aria-valuemin={min}
      aria-valuemax={max}
      className={classNames(
        'group relative z-10 w-px shrink-0 cursor-col-resize touch-none bg-line',
        'after:absolute after:inset-y-0 after:-left-1 after:w-2.5 hover:bg-accent focus-visible:bg-accent',
      )}
      {...handlers}
    />
  );
};
