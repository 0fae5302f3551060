import { clsx, type ClassValue } from 'clsx';
import { twMerge } from 'tailwind-merge';

/** Class names joined; of two that set the same property the later one stays. */
export const classNames = (...values: readonly ClassValue[]): string => twMerge(clsx(values));
