import { pseudo } from './pseudo.js';
import { type Catalogue, setTranslation } from './translate.js';

/** Languages by their own names. */
export const LOCALES = { en: 'English', de: 'Deutsch', zh: '中文' } as const;
export type Locale = keyof typeof LOCALES;

const KEY = 'aileron.locale';
/** Every text longer and marked, to see what is not translated and what breaks: set by hand. */
const PSEUDO = 'pseudo';

const CATALOGUES: Readonly<Record<Exclude<Locale, 'en'>, () => Promise<{ readonly default: Catalogue }>>> = {
  de: () => import('./catalogues/de.json'),
  zh: () => import('./catalogues/zh.json'),
};

const isLocale = (value: string | null | undefined): value is Locale =>
  value !== null && value !== undefined && Object.hasOwn(LOCALES, value);

/** What was chosen here, or what the browser prefers of those there are. */
export function currentLocale(): Locale {
  const chosen = localStorage.getItem(KEY);
  if (isLocale(chosen)) return chosen;
  return navigator.languages.map((tag) => tag.split('-')[0]).find(isLocale) ?? 'en';
}

/** From the next load on. */
export function chooseLocale(locale: Locale): void {
  localStorage.setItem(KEY, locale);
  location.reload();
}

/** Loads the texts of the language, and those alone; without them the page speaks English. */
export async function startLocale(): Promise<void> {
  const locale = currentLocale();
  document.documentElement.lang = locale;
  if (localStorage.getItem(KEY) === PSEUDO) return setTranslation(pseudo);
  if (locale === 'en') return;
  const catalogue = await CATALOGUES[locale]().then(
    ({ default: texts }) => texts,
    () => ({}) as Catalogue,
  );
  setTranslation((text) => catalogue[text] ?? text);
}
