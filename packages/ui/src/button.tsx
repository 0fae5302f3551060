import { cva, type VariantProps } from 'class-variance-authority';
import type { ComponentProps } from 'react';
import { classNames } from './class-names.js';

const button = cva(
  'inline-flex items-center justify-center gap-2 rounded-md font-medium whitespace-nowrap transition-colors disabled:opacity-60 disabled:pointer-events-none [&_svg]:size-4 [&_svg]:shrink-0',
  {
    variants: {
      tone: {
        primary: 'bg-accent text-on-accent hover:bg-accent/90',
        plain: 'border border-line bg-surface hover:bg-raised',
        quiet: 'hover:bg-raised',
        danger: 'bg-bad text-on-bad hover:bg-bad/90',
      },
      size: { normal: 'h-9 px-3.5', small: 'h-8 px-2.5 text-xs', icon: 'size-9' },
    },
    defaultVariants: { tone: 'plain', size: 'normal' },
  },
);

export type ButtonProps = ComponentProps<'button'> & VariantProps<typeof button>;

export const Button = ({ tone, size, className, type = 'button', ...rest }: ButtonProps) => (
  <button type={type} className={classNames(button({ tone, size }), className)} {...rest} />
);
