import { cva, type VariantProps } from 'class-variance-authority';
import type { ComponentProps } from 'react';
import { classNames } from './class-names.js';

const badge = cva(
  'inline-flex items-center gap-1 rounded-full border px-2 py-0.5 text-xs font-medium whitespace-nowrap',
  {
    variants: {
      tone: {
        neutral: 'border-line text-muted',
        accent: 'border-accent/40 text-accent',
        good: 'border-good/40 text-good',
        warn: 'border-warn/40 text-warn',
        bad: 'border-bad/40 text-bad',
      },
    },
    defaultVariants: { tone: 'neutral' },
  },
);

export type Tone = NonNullable<VariantProps<typeof badge>['tone']>;

/** A state in a word: the word says it, the colour only helps. */
export const Badge = ({ tone, className, ...rest }: ComponentProps<'span'> & { readonly tone?: Tone }) => (
  <span className={classNames(badge({ tone }), className)} {...rest} />
);
