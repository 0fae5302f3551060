export { Badge, type Tone } from './badge.js';
export { Button, type ButtonProps } from './button.js';
export { Card } from './card.js';
export { classNames } from './class-names.js';
export { Confirm, type ConfirmProps } from './confirm.js';
export { SelectField, TextField, type SelectOption } from './field.js';
export { Empty, Failure, Skeleton, SkeletonRows, type EmptyProps, type FailureProps } from './states.js';
export { VisibleText } from './visible-text.js';
