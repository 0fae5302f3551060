import { createContext } from 'react';

/** What the components say of their own. */
export interface UiTexts {
  readonly cancel: string;
  readonly tryAgain: string;
  readonly failed: string;
}

export const UiTextsContext = createContext<UiTexts>({
  cancel: 'Cancel',
  tryAgain: 'Try again',
  failed: 'It did not work.',
});
