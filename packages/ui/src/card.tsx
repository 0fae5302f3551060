import type { ComponentProps } from 'react';
import { classNames } from './class-names.js';

export const Card = ({ className, ...rest }: ComponentProps<'section'>) => (
  <section className={classNames('rounded-lg border border-line bg-surface', className)} {...rest} />
);
